/** What a peer lacks of a document, and all of it, by bytes alone. */
import * as Y from 'yjs'
import { splitUpdate } from '../../shared/update/split.ts'
import { decodeStateVector } from '../../shared/update/state-vector.ts'
import { type Content, foldStored, updatesOf } from './throw-away-document.ts'

/** An update without structs and deletes: all there is of an empty document. */
const EMPTY_UPDATE = new Uint8Array([0, 0])

/** Clients in a peer's state vector; the wire's own limit is far below. */
const MAX_STATE_VECTOR_ENTRIES = 1_000_000

/**
 * The updates, of about `chunkBytes` each, that bring a peer with `stateVector` up to date, in causal order.
 * Throws `malformed-update` for the state vector and `storage-corrupt` for the content.
 */
export function diff(content: Content, stateVector: Uint8Array, chunkBytes: number): Uint8Array[] {
  const known = decodeStateVector(stateVector, MAX_STATE_VECTOR_ENTRIES)
  return foldStored(updatesOf(content), known).flatMap((update) => splitUpdate(update, chunkBytes))
}

/** All of the document as one update. Throws `storage-corrupt`. */
export function merge(content: Content): Uint8Array {
  const folded = foldStored(updatesOf(content), new Map())
  // Several where a client's structs do not just go on; Yjs takes them apart and puts them in order.
  return folded.length > 1 ? Y.mergeUpdates(folded) : (folded[0] ?? EMPTY_UPDATE.slice())
}
