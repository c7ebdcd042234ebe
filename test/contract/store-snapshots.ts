/** Snapshots as compaction would make them, to save in a store. */
import * as Y from 'yjs'
import { parcelOf } from '../../server/core/pieces.ts'
import type { NewSnapshot, Store } from '../../server/ports/store.ts'
import { Coverage } from '../../shared/update/coverage.ts'
import { UpdateShape, walkUpdate } from '../../shared/update/walk.ts'
import { logOf } from './store-updates.ts'

export interface SnapshotAtHand extends Omit<NewSnapshot, 'chunks'> {
  readonly chunks: readonly Uint8Array[]
}

/** It, to be saved; it can be used again. */
export function snapshotWith({ chunks, ...rest }: SnapshotAtHand): NewSnapshot {
  return { ...rest, chunks: parcelOf(structuredClone(chunks)) }
}

/** What compaction would make of the document as it is. */
export async function snapshotOf(store: Store, handle: number, title: string | null): Promise<SnapshotAtHand> {
  const { seq } = await store.content(handle)
  const chunks = [Y.mergeUpdates(await logOf(store, handle, 1, seq))]
  const coverage = Coverage.empty()
  for (const chunk of chunks) coverage.add(shapeOf(chunk))
  return { seq, chunks, coverage: coverage.encode(), title }
}

export function shapeOf(update: Uint8Array): UpdateShape {
  const shape = new UpdateShape()
  walkUpdate(update, shape)
  return shape
}
