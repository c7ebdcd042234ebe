/**
 * Documents that live for one job: made from stored updates, read, and forgotten.
 *
 * Bytes out of the store were checked before they were stored, so whatever fails here is a damaged document.
 */
import * as Y from 'yjs'
import { SyncError, asSyncError } from '../../shared/errors.ts'
import { foldUpdates } from '../../shared/update/fold.ts'
import { unpackUpdates } from '../../shared/update/pack.ts'
import { decodeStateVector } from '../../shared/update/state-vector.ts'
import type { StoredContent } from '../ports/store.ts'

/** What most jobs work on, opened. */
export type Content = Pick<StoredContent, 'snapshot' | 'tail'>

/** A snapshot's chunks and the updates after it, in order. Throws `storage-corrupt`. */
export function updatesOf(content: Content): readonly Uint8Array[] {
  return [...content.snapshot, ...unpackUpdates(content.tail)]
}

/**
 * Applies `updates` to `document` as one transaction with `origin`; a transaction for each would take three times
 * as long. Throws `storage-corrupt` when they cannot be applied, or build on something that is not there, and what a
 * meter throws that runs.
 */
export function applyUpdates(document: Y.Doc, updates: readonly Uint8Array[], origin: unknown = null): void {
  const folded = foldStored(updates, decodeStateVector(Y.encodeStateVector(document), Number.POSITIVE_INFINITY))
  try {
    document.transact(() => folded.forEach((update) => Y.applyUpdate(document, update, origin)), origin)
  } catch (thrown) {
    // What the meter says is not about how they are stored.
    if (thrown instanceof SyncError) throw thrown
    throw new SyncError('storage-corrupt', 'The stored updates cannot be applied.', { cause: thrown })
  }
  if (document.store.pendingStructs !== null || document.store.pendingDs !== null) {
    throw new SyncError('storage-corrupt', 'The stored updates build on something that is not stored.')
  }
}

/** `foldUpdates` of bytes out of the store. Throws `storage-corrupt`. */
export function foldStored(
  updates: readonly Uint8Array[],
  stateVector: ReadonlyMap<number, number> | null,
): Uint8Array[] {
  try {
    return foldUpdates(updates, stateVector)
  } catch (thrown) {
    const { message } = asSyncError(thrown, 'storage-corrupt')
    throw new SyncError('storage-corrupt', `The stored updates cannot be read. ${message}`, { cause: thrown })
  }
}
