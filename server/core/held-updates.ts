/**
 * Updates that arrived before what they build on: kept, within a bound, until the gap closes.
 *
 * An honest client causes gaps: it may send an edit before the answer to our step 1, or an edit that builds on
 * one it learnt from another tab of the same browser.
 */

interface HeldUpdate<Owner> {
  readonly owner: Owner
  readonly frame: number
  readonly update: Uint8Array
}

export class HeldUpdates<Owner> {
  readonly #maxBytes: number
  #held: HeldUpdate<Owner>[] = []
  #bytes = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  get isEmpty(): boolean {
    return this.#held.length === 0
  }

  /** False when the bound is reached and the update was not kept. */
  hold(owner: Owner, frame: number, update: Uint8Array): boolean {
    if (this.#bytes + update.length > this.#maxBytes) return false
    this.#held.push({ owner, frame, update })
    this.#bytes += update.length
    return true
  }

  /** Offers every held update to `take`, again and again while that closes gaps; `take` returns true when it took it. */
  retry(take: (owner: Owner, frame: number, update: Uint8Array) => boolean): void {
    for (let progress = true; progress && this.#held.length > 0;) {
      const left = this.#held.filter(({ owner, frame, update }) => !take(owner, frame, update))
      progress = left.length < this.#held.length
      this.#keep(left)
    }
  }

  /** Forgets what an owner sent; its client sends it again with its next step 2. Returns the frames. */
  drop(owner: Owner): readonly number[] {
    const dropped = this.#held.filter((held) => held.owner === owner).map(({ frame }) => frame)
    if (dropped.length > 0) this.#keep(this.#held.filter((held) => held.owner !== owner))
    return dropped
  }

  #keep(held: HeldUpdate<Owner>[]): void {
    this.#held = held
    this.#bytes = held.reduce((sum, { update }) => sum + update.length, 0)
  }
}
