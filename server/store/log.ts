/** Reading a document's updates, wherever they are: in its segments up to their head, in the journal after it. */
import type { PendingUpdate } from '../ports/store.ts'
import type { Courtesy } from './courtesy.ts'
import type { Documents } from './documents.ts'
import type { Journal } from './journal.ts'
import type { Segments, StoredRun } from './segments.ts'

/** What is read before commits that came in meanwhile get their turn: about a millisecond's work. */
const UPDATES_PER_TURN = 4096
const BYTES_PER_TURN = 256 * 1024

export class Log {
  readonly #documents: Documents
  readonly #segments: Segments
  readonly #journal: Journal
  readonly #courtesy: Courtesy

  constructor(documents: Documents, segments: Segments, journal: Journal, courtesy: Courtesy) {
    this.#courtesy = courtesy
    this.#documents = documents
    this.#segments = segments
    this.#journal = journal
  }

  /** The last committed seq. */
  headOf(document: number): number {
    return this.#journal.headOf(document)
  }

  /** Updates from `seq` to at most `toSeq`, as many as are stored together. Throws `storage-corrupt`. */
  read(document: number, seq: number, toSeq: number): StoredRun {
    const stored = this.#documents.row(document)?.head_seq ?? 0
    const run = seq <= stored ? this.#segments.read(document, seq) : this.#journal.read(document, seq, UPDATES_PER_TURN)
    return { firstSeq: seq, updates: run.updates.slice(seq - run.firstSeq, toSeq + 1 - run.firstSeq) }
  }

  /** All updates from `fromSeq` to `toSeq`, piece by piece, letting commits in between. */
  async *runs(document: number, fromSeq: number, toSeq: number): AsyncGenerator<StoredRun> {
    let updates = 0
    let bytes = 0
    for (let seq = fromSeq; seq <= toSeq;) {
      const run = this.read(document, seq, toSeq)
      yield run
      seq += run.updates.length
      updates += run.updates.length
      for (const update of run.updates) bytes += update.bytes.length
      if (updates < UPDATES_PER_TURN && bytes < BYTES_PER_TURN) continue
      await this.#courtesy.turn()
      updates = 0
      bytes = 0
    }
  }

  async collect(document: number, fromSeq: number, toSeq: number): Promise<PendingUpdate[]> {
    const collected: PendingUpdate[] = []
    for await (const { updates } of this.runs(document, fromSeq, toSeq)) {
      for (const update of updates) collected.push(update)
    }
    return collected
  }

  /** The seq of the last update at or before `timeMs`; 0 when there is none. */
  seqAt(document: number, timeMs: number): number {
    return this.#journal.seqAt(document, timeMs) ?? this.#segments.seqAt(document, timeMs)
  }
}
