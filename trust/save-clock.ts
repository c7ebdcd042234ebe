/** How long what a typist types takes to be saved. */
import type { Typist } from './typists.ts'

/** Notes when each edit was typed, and how much later its author was told that it is saved. */
export class SaveClock {
  readonly #typist: Typist
  readonly #typedAtMs: number[] = []
  readonly #onState: () => void

  /** Adds the milliseconds to `waits`. */
  constructor(typist: Typist, waits: number[]) {
    this.#typist = typist
    this.#onState = () => {
      while (this.#typedAtMs.length > typist.client.unsaved)
        waits.push(performance.now() - (this.#typedAtMs.shift() ?? 0))
    }
    typist.client.on('state', this.#onState)
  }

  type(): void {
    const before = this.#typist.typed
    this.#typedAtMs.push(performance.now())
    this.#typist.type()
    // Too much waits to be saved: nothing was typed.
    if (this.#typist.typed === before) this.#typedAtMs.pop()
  }

  stop(): void {
    this.#typist.client.off('state', this.#onState)
  }
}

export function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN
}
