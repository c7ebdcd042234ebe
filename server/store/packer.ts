/**
 * Packing: a document's many small segments become few large compressed ones. Compression only; every update stays
 * readable at its seq.
 */
import { SyncError } from '../../shared/errors.ts'
import type { PendingUpdate } from '../ports/store.ts'
import type { SqliteDatabase } from './database.ts'
import type { SegmentLimits } from './distribution.ts'
import type { Documents } from './documents.ts'
import { encodeRun } from './run.ts'
import { Encoding, packColumns, unpackColumns, type Segment } from './segment-format.ts'
import type { Segments, SegmentSpan } from './segments.ts'

/** A lone segment below this stays as it is: it shares its database page with others anyway. */
const MIN_PAYLOAD_BYTES = 512

/** How many segments one step reads; of a document of very small ones it takes several to fill a large one. */
const MAX_SPANS = 512

/** The segments that the next packed one is made from. */
interface Selection {
  readonly spans: readonly SegmentSpan[]
  readonly updates: readonly PendingUpdate[]
  readonly isFull: boolean
}

export class Packer {
  readonly #database: SqliteDatabase
  readonly #documents: Documents
  readonly #segments: Segments
  readonly #limits: SegmentLimits

  constructor(database: SqliteDatabase, documents: Documents, segments: Segments, limits: SegmentLimits) {
    this.#database = database
    this.#documents = documents
    this.#segments = segments
    this.#limits = limits
  }

  /**
   * Makes at most one packed segment, out of at least `minUpdates` updates that are not packed yet. True when there may
   * be more to do at once. A damaged document is left alone.
   */
  packOnce(document: number, minUpdates: number): boolean {
    const row = this.#documents.row(document)
    if (row === null) return false
    const selection = this.#select(document, row.packed_seq)
    if (selection === null) return false
    const { spans, isFull } = selection
    const isMany = isFull || spans.length === MAX_SPANS
    if (!isMany && countPlain(spans) < minUpdates) return false
    this.#database.transaction(() => {
      if (isWorthwhile(spans)) this.#replace(document, selection)
      if (isFull) this.#documents.setPacked(document, spans.at(-1)?.lastSeq ?? row.packed_seq)
    })()
    return isMany
  }

  #select(document: number, packedSeq: number): Selection | null {
    const spans: SegmentSpan[] = []
    const updates: PendingUpdate[] = []
    let bytes = 0
    const isFull = (): boolean =>
      updates.length >= this.#limits.maxSegmentUpdates || bytes >= this.#limits.maxSegmentBytes
    for (const span of this.#segments.spansAfter(document, packedSeq, MAX_SPANS)) {
      // A large update stays as it is, and so does what is before it: compressing it would take the thread long.
      if (span.encoding === Encoding.large) return { spans: spans.length > 0 ? spans : [span], updates, isFull: true }
      const read = this.#read(document, span)
      if (read === null) return null
      for (const update of read) {
        updates.push(update)
        bytes += update.bytes.length
      }
      spans.push(span)
      if (isFull()) break
    }
    return spans.length === 0 ? null : { spans, updates, isFull: isFull() }
  }

  #read(document: number, { firstSeq, lastSeq }: SegmentSpan): readonly PendingUpdate[] | null {
    try {
      const { updates } = this.#segments.read(document, firstSeq)
      return firstSeq + updates.length - 1 === lastSeq ? updates : null
    } catch (thrown) {
      // Whoever opens or verifies the document is told; packing others goes on.
      if (thrown instanceof SyncError && thrown.code === 'storage-corrupt') return null
      throw thrown
    }
  }

  #replace(document: number, { spans, updates }: Selection): void {
    const place = { document, firstSeq: spans[0]?.firstSeq ?? 0, lastSeq: spans.at(-1)?.lastSeq ?? 0 }
    const run = encodeRun(updates)
    const packed = packColumns(run, updates.length)
    // The rows it replaces are deleted: nothing may rest on the packing being right.
    if (Buffer.compare(unpackColumns(packed, updates.length), run) !== 0) {
      throw new SyncError('storage-failed', `${this.#documents.describe(document)} does not unpack to what was packed.`)
    }
    const segment: Segment =
      packed.length < run.length
        ? { ...place, encoding: Encoding.columns, payload: packed }
        : { ...place, encoding: Encoding.run, payload: run }
    this.#segments.replace(segment, updates[0]?.atMs ?? 0)
  }
}

function countPlain(spans: readonly SegmentSpan[]): number {
  let updates = 0
  for (const { encoding, firstSeq, lastSeq } of spans) if (encoding === Encoding.run) updates += lastSeq - firstSeq + 1
  return updates
}

function isWorthwhile(spans: readonly SegmentSpan[]): boolean {
  if (spans.length > 1) return true
  return spans.some(({ encoding, payloadBytes }) => encoding === Encoding.run && payloadBytes >= MIN_PAYLOAD_BYTES)
}
