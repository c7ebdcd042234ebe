/** Reading a document's log as it is served: up to the good seq of a quarantine, and without what was dropped. */
import type { Seq } from '../../shared/ids.ts'
import { collectUpdate } from '../../shared/update/collect.ts'
import type { PackedUpdates } from '../ports/store.ts'
import { sizeOfVarUint, writeVarUint } from './bytes.ts'
import type { Storage } from './storage.ts'

/** Both included. */
export interface SeqRange {
  readonly fromSeq: number
  readonly toSeq: number
}

/** About as much is packed at a time: a fraction of a millisecond's work. */
const PIECE_BYTES = 256 * 1024

/** What is served of a document, or whatever is stored. */
export type Scope = 'served' | 'all'

/** The last seq of it. */
export function headOf({ quarantines, log }: Storage, handle: number, scope: Scope = 'served'): Seq {
  const goodSeq = scope === 'served' ? quarantines.of(handle)?.goodSeq : undefined
  return goodSeq ?? (log.headOf(handle) as Seq)
}

/** Updates as they are to be applied, packed (see shared/update/pack.ts), in pieces, letting commits in between. */
export async function* packedPieces(
  { quarantines, log }: Storage,
  handle: number,
  { fromSeq, toSeq }: SeqRange,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const dropped = quarantines.dropped(handle, fromSeq, toSeq)
  let piece: Uint8Array[] = []
  let size = 0
  for await (const { firstSeq, updates } of log.runs(handle, fromSeq, toSeq)) {
    for (const [at, { bytes }] of updates.entries()) {
      const update = dropped.has(firstSeq + at) ? collectUpdate(bytes) : bytes
      piece.push(update)
      size += sizeOfVarUint(update.length) + update.length
    }
    if (size < PIECE_BYTES) continue
    yield pack(piece, size)
    piece = []
    size = 0
  }
  if (piece.length > 0) yield pack(piece, size)
}

/** All of them together. */
export async function packedUpdates(storage: Storage, handle: number, range: SeqRange): Promise<PackedUpdates> {
  const pieces: Uint8Array[] = []
  for await (const piece of packedPieces(storage, handle, range)) pieces.push(piece)
  const [only] = pieces
  if (only !== undefined && pieces.length === 1) return only
  const packed = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const piece of pieces) {
    packed.set(piece, at)
    at += piece.length
  }
  return packed
}

function pack(updates: readonly Uint8Array[], size: number): Uint8Array<ArrayBuffer> {
  const packed = new Uint8Array(size)
  let at = 0
  for (const update of updates) {
    at = writeVarUint(packed, at, update.length)
    packed.set(update, at)
    at += update.length
  }
  return packed
}
