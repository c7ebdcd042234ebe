/** A number that stands for everything that happened, in its order: the same for two runs only if they were the same. */

/** FNV-1a's. */
const OFFSET = 0x811c9dc5
const PRIME = 0x01000193

export class Trace {
  #hash = OFFSET

  get hash(): number {
    return this.#hash >>> 0
  }

  /** `bytes` arrived at `atMs`. */
  add(atMs: number, bytes: Uint8Array): void {
    this.#mix(atMs * 1_000)
    for (const byte of bytes) this.#mix(byte)
  }

  #mix(value: number): void {
    this.#hash = Math.imul(this.#hash ^ value, PRIME)
  }
}
