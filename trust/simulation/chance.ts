/**
 * The random numbers that code draws for itself, client ids above all: here they are the same for the same seed. To be
 * installed before anything that draws is loaded.
 */
import { webcrypto } from 'node:crypto'
import * as prng from 'lib0/prng'

const MAX = 2 ** 32 - 1

export class Chance {
  #generator = prng.create(0)

  install(): void {
    Object.assign(webcrypto, {
      getRandomValues: (values: Uint8Array | Uint32Array) => values.map(() => prng.uint32(this.#generator, 0, MAX)),
    })
  }

  /** From now on what is drawn follows from `seed`. */
  reset(seed: number): void {
    this.#generator = prng.create(seed)
  }
}
