/** Turning the journal's sections into segments: what was written by commit is stored by document. */
import type { PendingUpdate } from '../ports/store.ts'
import { carryChecksum, joinChecksums } from './checksum.ts'
import type { DocumentRow, Documents } from './documents.ts'
import { sectionChecksum, segmentOf, type Section } from './journal-payload.ts'
import { readLargeRun } from './large-run.ts'
import { decodeRun, encodeRun } from './run.ts'
import { Encoding } from './segment-format.ts'
import type { Segments } from './segments.ts'

/** A segment is full at whichever of the two it reaches first. */
export interface SegmentLimits {
  readonly maxSegmentUpdates: number
  readonly maxSegmentBytes: number
}

interface Target {
  readonly documents: Documents
  readonly segments: Segments
  readonly limits: SegmentLimits
}

/** Writes `sections`, each document's from its head on, as segments and moves the documents' heads. To be called in a transaction. */
export function distributeSections(sections: ReadonlyMap<number, readonly Section[]>, target: Target): void {
  for (const [document, ofDocument] of sections) {
    const row = target.documents.row(document)
    if (row !== null) distributeDocument(row, ofDocument, target)
  }
}

function distributeDocument(row: DocumentRow, sections: readonly Section[], target: Target): void {
  let { update_bytes: updateBytes, checksum, updated_at_ms: updatedAtMs, head_seq: headSeq } = row
  let open: PendingUpdate[] = []
  let openBytes = 0
  const closeSegment = (): void => {
    if (open.length > 0) insertRun(row.id, headSeq - open.length + 1, open, target.segments)
    open = []
    openBytes = 0
  }
  for (const section of sections) {
    if (section.firstSeq !== headSeq + 1 || sectionChecksum(section) !== section.checksum) {
      closeSegment()
      // What was found, and the checksum that does not fit: reading it names the seqs, and repair has the bytes.
      insertAsItIs(section, 0, target.segments)
      headSeq = section.firstSeq + section.updates - 1
      continue
    }
    if (section.encoding === Encoding.large) {
      closeSegment()
      const large = readLargeRun(section.run)
      insertAsItIs(section, large.atMs, target.segments)
      headSeq++
      updateBytes += large.bytes
      checksum = joinChecksums(checksum, large.checksum, large.bytes)
      updatedAtMs = large.atMs
      continue
    }
    let bytes = 0
    for (const update of decodeRun(section.run, section.updates)) {
      if (open.length >= target.limits.maxSegmentUpdates || openBytes >= target.limits.maxSegmentBytes) closeSegment()
      open.push(update)
      headSeq++
      openBytes += update.bytes.length
      bytes += update.bytes.length
      updatedAtMs = update.atMs
    }
    updateBytes += bytes
    // A run ends with its updates' bytes, one after the other.
    checksum = carryChecksum(checksum, section.run.subarray(section.run.length - bytes))
  }
  closeSegment()
  target.documents.advance(row.id, {
    head_seq: headSeq,
    update_bytes: updateBytes,
    checksum,
    updated_at_ms: updatedAtMs,
  })
}

function insertRun(document: number, firstSeq: number, updates: readonly PendingUpdate[], segments: Segments): void {
  const lastSeq = firstSeq + updates.length - 1
  const payload = encodeRun(updates)
  segments.insert({ document, firstSeq, lastSeq, encoding: Encoding.run, payload }, updates[0]?.atMs ?? 0)
}

/** Nothing of it is copied or reckoned anew. */
function insertAsItIs(section: Section, firstAtMs: number, segments: Segments): void {
  segments.insert(segmentOf(section), firstAtMs, section.checksum)
}
