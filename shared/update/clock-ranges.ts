/**
 * A set of clocks of one client, kept as ranges.
 *
 * Ranges are sorted, disjoint and never touch, in pages of bounded size: adding one costs the same whether the
 * document has ten deleted ranges or a million.
 */

/** Numbers (two a range) in a page before it is halved; moving 4 kB is still below the cost of finding the page. */
const MAX_PAGE_LENGTH = 512

export class ClockRanges {
  /** Start, end, start, end, …; no page is empty. */
  readonly #pages: number[][] = []

  /** How many ranges there are. */
  get count(): number {
    let numbers = 0
    for (const page of this.#pages) numbers += page.length
    return numbers / 2
  }

  /** Whether every clock with `start ≤ clock < end` is in the set. */
  covers(start: number, end: number): boolean {
    const page = this.#pages[this.#pageFor(start)]
    if (page === undefined) return false
    const at = firstEndingFrom(page, start + 1)
    return at < page.length && (page[at] ?? 0) <= start && end <= (page[at + 1] ?? 0)
  }

  /** Adds every clock with `start ≤ clock < end`. */
  add(start: number, end: number): void {
    // Updates and stored sets name their ranges in ascending order.
    const last = this.#pages.at(-1)
    if (last !== undefined && start > (last.at(-1) ?? 0)) {
      if (last.length < MAX_PAGE_LENGTH) last.push(start, end)
      else this.#pages.push([start, end])
      return
    }
    const pageIndex = this.#pageFor(start)
    const page = this.#pages[pageIndex]
    if (page === undefined) {
      this.#pages.push([start, end])
      return
    }
    const from = firstEndingFrom(page, start)
    const to = firstStartingAfter(page, end, from)
    const mergedStart = from < to ? Math.min(start, page[from] ?? start) : start
    const mergedEnd = from < to ? Math.max(end, page[to - 1] ?? end) : end
    if (to - from === 2) {
      page[from] = mergedStart
      page[from + 1] = mergedEnd
    } else page.splice(from, to - from, mergedStart, mergedEnd)
    if (from + 2 === page.length) this.#absorbFollowing(pageIndex, mergedEnd)
    if (page.length > MAX_PAGE_LENGTH) this.#pages.splice(pageIndex + 1, 0, page.splice(MAX_PAGE_LENGTH / 2))
  }

  /** Visits the ranges in ascending order. */
  forEach(visit: (start: number, end: number) => void): void {
    for (const page of this.#pages) {
      for (let at = 0; at < page.length; at += 2) visit(page[at] ?? 0, page[at + 1] ?? 0)
    }
  }

  /** The last page that starts at or before `start`, else the first. */
  #pageFor(start: number): number {
    let low = 0
    let high = this.#pages.length - 1
    while (low < high) {
      const middle = (low + high + 1) >>> 1
      if ((this.#pages[middle]?.[0] ?? 0) <= start) low = middle
      else high = middle - 1
    }
    return low
  }

  /** Joins ranges of later pages that the last range of this page, now up to `end`, reaches. */
  #absorbFollowing(pageIndex: number, end: number): void {
    const page = this.#pages[pageIndex] ?? []
    let next = this.#pages[pageIndex + 1]
    while (next !== undefined && (next[0] ?? 0) <= end) {
      const to = firstStartingAfter(next, end, 0)
      page[page.length - 1] = Math.max(end, next[to - 1] ?? end)
      next.splice(0, to)
      if (next.length > 0) return
      this.#pages.splice(pageIndex + 1, 1)
      next = this.#pages[pageIndex + 1]
    }
  }
}

/** Index of the first range in `page` whose end is at or after `clock`. */
function firstEndingFrom(page: readonly number[], clock: number): number {
  let low = 0
  let high = page.length / 2
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((page[middle * 2 + 1] ?? 0) < clock) low = middle + 1
    else high = middle
  }
  return low * 2
}

/** Index of the first range in `page`, from index `from` on, whose start is after `clock`. */
function firstStartingAfter(page: readonly number[], clock: number, from: number): number {
  let low = from / 2
  let high = page.length / 2
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((page[middle * 2] ?? 0) <= clock) low = middle + 1
    else high = middle
  }
  return low * 2
}
