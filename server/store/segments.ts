/** The rows of the log: each a run of one document's updates, found by any seq in it. */
import type { PendingUpdate } from '../ports/store.ts'
import { damaged, reasonOf } from './damage.ts'
import type { SqliteDatabase } from './database.ts'
import type { Documents } from './documents.ts'
import type { PartsSource } from './large-run.ts'
import { decodeSegment, readTimes, segmentChecksum, type Segment } from './segment-format.ts'

export interface StoredRun {
  readonly firstSeq: number
  readonly updates: readonly PendingUpdate[]
}

/** A segment without its payload. */
export interface SegmentSpan {
  readonly firstSeq: number
  readonly lastSeq: number
  readonly encoding: number
  readonly payloadBytes: number
}

interface SegmentRow extends Segment {
  readonly checksum: number
}

export class Segments {
  readonly #statements: ReturnType<typeof prepare>
  readonly #documents: Documents
  readonly #parts: PartsSource

  constructor(database: SqliteDatabase, documents: Documents, parts: PartsSource) {
    this.#statements = prepare(database)
    this.#documents = documents
    this.#parts = parts
  }

  /** The segment that holds `seq`, read and checked. Throws `storage-corrupt` when it is damaged or missing. */
  read(document: number, seq: number): StoredRun {
    const row = this.#statements.holding.get(document, seq)
    if (row === undefined || row.lastSeq < seq) {
      throw damaged(this.#documents.describe(document), `seq ${seq}`, 'the update is missing')
    }
    return { firstSeq: row.firstSeq, updates: this.#checked(row, (sound) => decodeSegment(sound, this.#parts)) }
  }

  /** The seq of the last update at or before `timeMs`; 0 when there is none. */
  seqAt(document: number, timeMs: number): number {
    const row = this.#statements.begunBy.get(document, timeMs)
    if (row === undefined) return 0
    return row.firstSeq + this.#checked(row, readTimes).findLastIndex((atMs) => atMs <= timeMs)
  }

  /** Adds a segment; `checksum` is the one it has already, which does not fit one that is damaged and kept as it was found. */
  insert(segment: Segment, firstAtMs: number, checksum = segmentChecksum(segment)): void {
    const { document, firstSeq, lastSeq, encoding, payload } = segment
    this.#statements.insert.run(document, firstSeq, lastSeq, firstAtMs, encoding, payload, checksum)
  }

  /** What the document's segments after `seq` span, oldest first, at most `limit`. */
  spansAfter(document: number, seq: number, limit = Number.MAX_SAFE_INTEGER): SegmentSpan[] {
    return this.#statements.spansAfter.all(document, seq, limit)
  }

  /** Puts `segment` in the place of those that hold its seqs. */
  replace(segment: Segment, firstAtMs: number): void {
    this.#statements.remove.run(segment.document, segment.firstSeq, segment.lastSeq)
    this.insert(segment, firstAtMs)
  }

  #checked<T>(row: SegmentRow, read: (segment: Segment) => T): T {
    const where = `seqs ${row.firstSeq}–${row.lastSeq}`
    if (segmentChecksum(row) !== row.checksum) {
      throw damaged(this.#documents.describe(row.document), where, 'the checksum does not fit')
    }
    try {
      return read(row)
    } catch (thrown) {
      throw damaged(this.#documents.describe(row.document), where, reasonOf(thrown), thrown)
    }
  }
}

function prepare(database: SqliteDatabase) {
  const columns = 'document, first_seq AS firstSeq, last_seq AS lastSeq, encoding, payload, checksum'
  return {
    holding: database.prepare<[number, number], SegmentRow>(
      `SELECT ${columns} FROM segments WHERE document = ? AND first_seq <= ? ORDER BY first_seq DESC LIMIT 1`,
    ),
    begunBy: database.prepare<[number, number], SegmentRow>(
      `SELECT ${columns} FROM segments WHERE document = ? AND first_at_ms <= ? ORDER BY first_seq DESC LIMIT 1`,
    ),
    spansAfter: database.prepare<[number, number, number], SegmentSpan>(
      `SELECT first_seq AS firstSeq, last_seq AS lastSeq, encoding, LENGTH(payload) AS payloadBytes
       FROM segments WHERE document = ? AND first_seq > ? ORDER BY first_seq LIMIT ?`,
    ),
    insert: database.prepare<[number, number, number, number, number, Uint8Array, number]>(
      `INSERT INTO segments (document, first_seq, last_seq, first_at_ms, encoding, payload, checksum)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
    ),
    remove: database.prepare<[number, number, number]>(
      'DELETE FROM segments WHERE document = ? AND first_seq BETWEEN ? AND ?',
    ),
  }
}
