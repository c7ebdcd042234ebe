/** Folds a document's snapshot and log into a new snapshot. */
import * as Y from 'yjs'
import { unpackUpdates } from '../../shared/update/pack.ts'
import { splitUpdate } from '../../shared/update/split.ts'
import type { CompactedDocument } from '../ports/compute.ts'
import { changedRoots } from './changed-roots.ts'
import { divergingUpdates, diverges } from './diverging-updates.ts'
import { Gas, MAX_SIBLINGS_OF_DOCUMENT } from './gas.ts'
import { applyUpdates, type Content, updatesOf } from './throw-away-document.ts'

/** UTF-16 units of a title that lists show; the document keeps all of it. */
const MAX_TITLE_LENGTH = 300

/** A compacted document whose chunks are at hand. */
export interface Compaction extends Omit<CompactedDocument, 'chunks'> {
  readonly chunks: readonly Uint8Array[]
}

/**
 * The document as self-contained updates of about `chunkBytes`, without the content of what is deleted: any later
 * update still finds the structs it refers to. Throws `storage-corrupt`, and `update-too-costly` or `malformed-update` for
 * what small updates did in many steps.
 */
export function compact(content: Content, chunkBytes: number): Compaction {
  const document = new Y.Doc({ gc: true })
  const updates = updatesOf(content)
  // A struct has a byte at least, so there are no more structs than that.
  const structs = updates.reduce((sum, { length }) => sum + length, 0)
  // Told for its checks alone: what is nested too deep cannot be deleted any more.
  document.once('afterTransaction', changedRoots)
  const gas = new Gas({ siblings: MAX_SIBLINGS_OF_DOCUMENT, structs })
  gas.run(() => applyUpdates(document, updates))
  if (divergingUpdates(content.snapshot, unpackUpdates(content.tail), gas.misplaced).length > 0) throw diverges()
  return {
    chunks: splitUpdate(Y.encodeStateAsUpdate(document), chunkBytes),
    coverage: Y.encodeSnapshot(Y.snapshot(document)),
    title: titleOf(document),
  }
}

/** `title` in the root map `meta`, or null. Reads the structs: asking for a root by type would define it as that. */
function titleOf(document: Y.Doc): string | null {
  const item = document.share.get('meta')?._map.get('title')
  if (item === undefined || item.deleted) return null
  const title: unknown = item.content.getContent().at(-1)
  return typeof title === 'string' ? title.slice(0, MAX_TITLE_LENGTH).toWellFormed() : null
}
