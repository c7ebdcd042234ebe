/** What a peer lacks of a document, by bytes alone. */
import { splitUpdate } from '../../shared/update/split.ts'
import { decodeStateVector } from '../../shared/update/state-vector.ts'
import type { StoredContent } from '../ports/store.ts'
import { foldStored, updatesOf } from './throw-away-document.ts'

/** Clients in a peer's state vector; the wire's own limit is far below. */
const MAX_STATE_VECTOR_ENTRIES = 1_000_000

/**
 * The updates, of about `chunkBytes` each, that bring a peer with `stateVector` up to date, in causal order.
 * Throws `malformed-update` for the state vector and `storage-corrupt` for the content.
 */
export function diff(
  content: Pick<StoredContent, 'snapshot' | 'tail'>,
  stateVector: Uint8Array,
  chunkBytes: number,
): Uint8Array[] {
  const known = decodeStateVector(stateVector, MAX_STATE_VECTOR_ENTRIES)
  return foldStored(updatesOf(content), known).flatMap((update) => splitUpdate(update, chunkBytes))
}
