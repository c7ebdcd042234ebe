/** A token bucket that may be overdrawn, and then is waited for. Times are milliseconds of any clock that does not go back. */
export class Bucket {
  readonly #perMs: number
  readonly #burst: number
  #level: number
  #atMs: number

  /** It starts full, with `burst` in it. */
  constructor(perSecond: number, burst: number, nowMs: number) {
    this.#perMs = perSecond / 1_000
    this.#burst = burst
    this.#level = burst
    this.#atMs = nowMs
  }

  take(count: number, nowMs: number): void {
    this.#level = Math.min(this.#burst, this.#level + (nowMs - this.#atMs) * this.#perMs) - count
    this.#atMs = nowMs
  }

  /** How long until it is not overdrawn any more; 0 when it is not. */
  waitMs(nowMs: number): number {
    return this.#level < 0 ? Math.max(0, this.#atMs - this.#level / this.#perMs - nowMs) : 0
  }

  /** How long until it is full again; 0 when it is. */
  restMs(nowMs: number): number {
    return Math.max(0, this.#atMs + (this.#burst - this.#level) / this.#perMs - nowMs)
  }
}
