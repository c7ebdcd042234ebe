/** Reading a document's log as it is served: up to the good seq of a quarantine, and without what was dropped. */
import { collectUpdate } from '../../shared/update/collect.ts'
import { packUpdates } from '../../shared/update/pack.ts'
import type { PackedUpdates } from '../ports/store.ts'
import type { Storage } from './storage.ts'

/** Both included. */
export interface SeqRange {
  readonly fromSeq: number
  readonly toSeq: number
}

/** The last seq that is served. */
export function servedHead({ quarantines, log }: Storage, handle: number): number {
  return quarantines.of(handle)?.goodSeq ?? log.headOf(handle)
}

/** Updates as they are to be applied. */
export async function packedUpdates(
  { quarantines, log }: Storage,
  handle: number,
  { fromSeq, toSeq }: SeqRange,
): Promise<PackedUpdates> {
  const dropped = quarantines.dropped(handle, fromSeq, toSeq)
  if (dropped.size === 0) return log.pack(handle, fromSeq, toSeq)
  const updates = await log.collect(handle, fromSeq, toSeq)
  return packUpdates(updates.map(({ bytes }, at) => (dropped.has(fromSeq + at) ? collectUpdate(bytes) : bytes)))
}
