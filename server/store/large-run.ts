/**
 * A large run: the run of one update whose bytes are not in it but in parts (see parts.ts).
 *
 *   uint48 which parts
 *   uint32 checksum of the update's bytes
 *   the run (see run.ts) as far as the update's bytes
 *
 * It is small however large the update is, so that it is committed, distributed and loaded like any other.
 */
import { SyncError } from '../../shared/errors.ts'
import type { PendingUpdate } from '../ports/store.ts'
import { getUint48, setUint48 } from './bytes.ts'
import { carryChecksum } from './checksum.ts'
import { decodeRun, planRun, readColumns, writeColumns } from './run.ts'

/** Which parts hold an update's bytes, and their checksum. */
export interface PartsReference {
  readonly id: number
  readonly checksum: number
}

/** Where parts are read. */
export interface PartsSource {
  /** The parts in their order, to be gone through at once; none when there are none. */
  read(id: number): Iterable<Uint8Array>
}

/** What a large run says of its update. */
export interface LargeRun extends PartsReference {
  readonly atMs: number
  /** Of the update. */
  readonly bytes: number
}

const Offset = { id: 0, checksum: 6, columns: 10 } as const

/** The large run of `update`, its parts left open. */
export function encodeLargeRun(update: PendingUpdate): Uint8Array<ArrayBuffer> {
  const plan = planRun([update])
  const run = new Uint8Array(Offset.columns + plan.size - update.bytes.length)
  writeColumns(plan, run, Offset.columns)
  return run
}

/** Fills in where the bytes are. */
export function setParts(run: Uint8Array, { id, checksum }: PartsReference): void {
  const view = viewOf(run)
  setUint48(view, Offset.id, id)
  view.setUint32(Offset.checksum, checksum)
}

/** What `run` says. Throws a SyncError when it cannot be read. */
export function readLargeRun(run: Uint8Array): LargeRun {
  if (run.length < Offset.columns) throw new SyncError('storage-corrupt', 'A large run is cut off.')
  const view = viewOf(run)
  const { times, lengths } = readColumns(run.subarray(Offset.columns), 1)
  return {
    id: getUint48(view, Offset.id),
    checksum: view.getUint32(Offset.checksum),
    atMs: times[0] ?? 0,
    bytes: lengths[0] ?? 0,
  }
}

/** The update, its bytes read from `source`. Throws a SyncError when they are not what was written. */
export function decodeLargeRun(run: Uint8Array, source: PartsSource): PendingUpdate[] {
  const { id, checksum, bytes } = readLargeRun(run)
  const columns = run.subarray(Offset.columns)
  const whole = new Uint8Array(columns.length + bytes)
  whole.set(columns)
  let end = columns.length
  let found = 0
  for (const part of source.read(id)) {
    if (end + part.length > whole.length) throw damagedParts()
    whole.set(part, end)
    end += part.length
    found = carryChecksum(found, part)
  }
  if (end !== whole.length || found !== checksum) throw damagedParts()
  return decodeRun(whole, 1)
}

function damagedParts(): SyncError {
  return new SyncError('storage-corrupt', 'A part of a large update is missing or was changed.')
}

function viewOf(run: Uint8Array): DataView {
  return new DataView(run.buffer, run.byteOffset, run.byteLength)
}
