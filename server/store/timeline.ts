/** Grouping the log into stretches of editing, read from the newest update to the oldest. */
import type { TimelineEntry } from '../../shared/rest.ts'
import type { PendingUpdate } from '../ports/store.ts'

interface Stretch {
  toSeq: number
  fromSeq: number
  readonly toMs: number
  fromMs: number
  readonly user: string
  readonly name: string
  updates: number
  bytes: number
}

/**
 * Collects the newest `limit` stretches. Stretches of people who edit at the same time overlap in their seqs: each
 * is one author's editing without a pause, whoever else was there.
 */
export class Timeline {
  readonly #pauseMs: number
  readonly #limit: number
  readonly #stretches: Stretch[] = []
  /** Per author the stretch that older updates may still lengthen. */
  readonly #open = new Map<string, Stretch>()
  #isComplete = false

  constructor({ pauseMs, limit }: { readonly pauseMs: number; readonly limit: number }) {
    this.#pauseMs = pauseMs
    this.#limit = limit
    this.#isComplete = limit < 1
  }

  /** Whether older updates would change nothing. */
  get isComplete(): boolean {
    return this.#isComplete
  }

  /** Takes the next older update. */
  add(seq: number, { author, atMs, bytes }: PendingUpdate): void {
    if (this.#isComplete) return
    const key = JSON.stringify([author.user, author.name])
    const open = this.#open.get(key)
    if (open !== undefined && open.fromMs - atMs < this.#pauseMs) {
      open.fromSeq = seq
      open.fromMs = atMs
      open.updates++
      open.bytes += bytes.length
      return
    }
    this.#open.delete(key)
    if (this.#stretches.length === this.#limit) {
      this.#closeBefore(atMs)
      return
    }
    const stretch = { fromSeq: seq, toSeq: seq, fromMs: atMs, toMs: atMs, updates: 1, bytes: bytes.length }
    const started = { ...stretch, user: author.user, name: author.name }
    this.#stretches.push(started)
    this.#open.set(key, started)
  }

  /** Newest first, by their last update. */
  entries(): TimelineEntry[] {
    return this.#stretches
  }

  #closeBefore(atMs: number): void {
    for (const [key, { fromMs }] of this.#open) if (fromMs - atMs >= this.#pauseMs) this.#open.delete(key)
    this.#isComplete = this.#open.size === 0
  }
}
