/** Spreads out what comes in a burst: after a few at once, each key's next one waits until its rate allows it. */

export interface SpacingOptions {
  readonly maxPerSecond: number
  /** How many may come at once after a rest. */
  readonly burst: number
}

export class Spacing {
  readonly #gapMs: number
  readonly #toleranceMs: number
  /** When each key would be back at rest. */
  readonly #restAtMs = new Map<string, number>()

  constructor({ maxPerSecond, burst }: SpacingOptions) {
    this.#gapMs = 1_000 / maxPerSecond
    this.#toleranceMs = (burst - 1) * this.#gapMs
  }

  /** Counts one of `key`; for how long it has to wait. Milliseconds of any clock that does not go back. */
  waitMs(key: string, nowMs: number): number {
    this.#forgetRested(nowMs)
    const restAtMs = Math.max(this.#restAtMs.get(key) ?? 0, nowMs)
    // Put at the end: those who came first are the first to be forgotten.
    this.#restAtMs.delete(key)
    this.#restAtMs.set(key, restAtMs + this.#gapMs)
    return Math.max(0, restAtMs - nowMs - this.#toleranceMs)
  }

  #forgetRested(nowMs: number): void {
    for (const [key, restAtMs] of this.#restAtMs) {
      if (restAtMs > nowMs) return
      this.#restAtMs.delete(key)
    }
  }
}
