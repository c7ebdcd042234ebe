/**
 * The payload of a journal row: everything one commit writes, as one run per document.
 *
 *   uint32 sections
 *   per section: uint48 document, uint48 first seq, uint32 updates, uint32 bytes, uint32 checksum
 *   the sections' runs, one after the other
 *
 * Made on the main thread in one buffer, transferred, and written as it is; the storage thread fills in the
 * first seqs and the checksums. A section's checksum is that of the segment it becomes, so damage to a run
 * stays with its document, and a section that is alone is moved without being read.
 *
 * How the runs are encoded stands beside the payload: plain ones, or one large run.
 */
import { SyncError } from '../../shared/errors.ts'
import type { Batch, PendingUpdate } from '../ports/store.ts'
import { getUint48, setUint48 } from './bytes.ts'
import { encodeLargeRun, type PartsReference, setParts } from './large-run.ts'
import { planRun, writeRun } from './run.ts'
import { Encoding, segmentChecksum, type Segment } from './segment-format.ts'

const HEADER_BYTES = 4
const ENTRY_BYTES = 24
const Offset = { document: 0, firstSeq: 6, updates: 12, bytes: 16, checksum: 20 } as const

/** What one commit adds to one document. */
export interface Section {
  readonly document: number
  readonly firstSeq: number
  readonly updates: number
  /** How the run is encoded, see `Encoding`. */
  readonly encoding: number
  /** A view on the payload. */
  readonly run: Uint8Array
  readonly checksum: number
}

/** `batch` with first seqs and checksums left open. Throws `invalid-request` when it is not what `Batch` says. */
export function encodeBatch(batch: Batch): Uint8Array<ArrayBuffer> {
  checkBatch(batch)
  const sections = batch.documents.map(({ handle, updates }) => ({ handle, plan: planRun(updates) }))
  let size = HEADER_BYTES + sections.length * ENTRY_BYTES
  let position = size
  for (const { plan } of sections) size += plan.size
  const payload = new Uint8Array(size)
  const view = new DataView(payload.buffer)
  view.setUint32(0, sections.length)
  for (const [i, { handle, plan }] of sections.entries()) {
    writeEntry(view, i, { handle, updates: plan.updates.length, bytes: plan.size })
    position = writeRun(plan, payload, position)
  }
  return payload
}

/** The same for one update whose bytes are in parts, which are left open as well. */
export function encodeLarge(handle: number, update: PendingUpdate): Uint8Array<ArrayBuffer> {
  const run = encodeLargeRun(update)
  const start = HEADER_BYTES + ENTRY_BYTES
  const payload = new Uint8Array(start + run.length)
  const view = new DataView(payload.buffer)
  view.setUint32(0, 1)
  writeEntry(view, 0, { handle, updates: 1, bytes: run.length })
  payload.set(run, start)
  return payload
}

/** Fills in which parts hold what a large run leaves out. */
export function nameParts(payload: Uint8Array, reference: PartsReference): void {
  for (const { run } of readSections(payload, Encoding.large)) setParts(run, reference)
}

/** Fills in the first seqs, given per section by `firstSeqOf`, and the checksums; returns the sections. */
export function sealPayload(
  payload: Uint8Array,
  encoding: number,
  firstSeqOf: (section: Section) => number,
): Section[] {
  const view = viewOf(payload)
  return readSections(payload, encoding).map((open, i) => {
    const placed = { ...open, firstSeq: firstSeqOf(open) }
    const section = { ...placed, checksum: sectionChecksum(placed) }
    const entry = HEADER_BYTES + i * ENTRY_BYTES
    setUint48(view, entry + Offset.firstSeq, section.firstSeq)
    view.setUint32(entry + Offset.checksum, section.checksum)
    return section
  })
}

/** The sections as the payload says. Of a damaged one too: runs end with the payload, at the latest. */
export function readSections(payload: Uint8Array, encoding: number): Section[] {
  const view = viewOf(payload)
  const count = Math.min(view.getUint32(0), Math.floor((payload.length - HEADER_BYTES) / ENTRY_BYTES))
  const sections: Section[] = []
  let start = HEADER_BYTES + count * ENTRY_BYTES
  for (let i = 0; i < count; i++) {
    const entry = HEADER_BYTES + i * ENTRY_BYTES
    const end = start + view.getUint32(entry + Offset.bytes)
    sections.push({
      document: getUint48(view, entry + Offset.document),
      firstSeq: getUint48(view, entry + Offset.firstSeq),
      updates: view.getUint32(entry + Offset.updates),
      encoding,
      run: payload.subarray(start, end),
      checksum: view.getUint32(entry + Offset.checksum),
    })
    start = end
  }
  return sections
}

/** The part of a payload that says what belongs where; the runs have checksums of their own. */
export function directoryOf(payload: Uint8Array): Uint8Array {
  const count = viewOf(payload).getUint32(0)
  return payload.subarray(0, HEADER_BYTES + count * ENTRY_BYTES)
}

/** What `section.checksum` is when the section is sound. */
export function sectionChecksum(section: Section): number {
  return segmentChecksum(segmentOf(section))
}

/** The segment that `section` becomes where it is not joined with others. */
export function segmentOf({ document, firstSeq, updates, encoding, run }: Section): Segment {
  return { document, firstSeq, lastSeq: firstSeq + updates - 1, encoding, payload: run }
}

function writeEntry(
  view: DataView,
  index: number,
  { handle, updates, bytes }: { readonly handle: number; readonly updates: number; readonly bytes: number },
): void {
  const entry = HEADER_BYTES + index * ENTRY_BYTES
  setUint48(view, entry + Offset.document, handle)
  view.setUint32(entry + Offset.updates, updates)
  view.setUint32(entry + Offset.bytes, bytes)
}

function checkBatch({ documents }: Batch): void {
  const handles = new Set(documents.map(({ handle }) => handle))
  if (handles.size < documents.length) throw new SyncError('invalid-request', 'A batch names a document twice.')
  const empty = documents.find(({ updates }) => updates.length === 0)
  if (empty !== undefined) throw new SyncError('invalid-request', `A batch has no updates for handle ${empty.handle}.`)
}

function viewOf(payload: Uint8Array): DataView {
  return new DataView(payload.buffer, payload.byteOffset, payload.byteLength)
}
