/** Percentiles of millions of latencies in little memory: buckets that grow by one percent. */

const SMALLEST_MS = 0.01
const GROWTH = Math.log(1.01)
const BUCKETS = 2_000

export class Histogram {
  readonly #counts = new Uint32Array(BUCKETS)
  #total = 0

  add(ms: number): void {
    const bucket = ms <= SMALLEST_MS ? 0 : Math.floor(Math.log(ms / SMALLEST_MS) / GROWTH)
    const at = Math.min(bucket, BUCKETS - 1)
    this.#counts[at] = (this.#counts[at] ?? 0) + 1
    this.#total++
  }

  /** In milliseconds; NaN when nothing was added. */
  percentile(part: number): number {
    if (this.#total === 0) return Number.NaN
    let left = Math.ceil(this.#total * part)
    let bucket = 0
    for (; bucket < BUCKETS - 1; bucket++) {
      left -= this.#counts[bucket] ?? 0
      if (left <= 0) break
    }
    return SMALLEST_MS * Math.exp((bucket + 0.5) * GROWTH)
  }
}
