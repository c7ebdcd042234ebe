/** How many connections there are of each user, address or document. */

export class Headcount {
  readonly #counts = new Map<string, number>()
  readonly #max: number

  constructor(max: number) {
    this.#max = max
  }

  /** Counts one more of `key`; false, and nothing counted, when there are as many as may be. */
  enter(key: string): boolean {
    const count = this.#counts.get(key) ?? 0
    if (count >= this.#max) return false
    this.#counts.set(key, count + 1)
    return true
  }

  /** Whether there is one of `key`. */
  has(key: string): boolean {
    return this.#counts.has(key)
  }

  /** One of those that entered is gone. */
  leave(key: string): void {
    const count = this.#counts.get(key) ?? 0
    if (count > 1) this.#counts.set(key, count - 1)
    else this.#counts.delete(key)
  }
}
