/** Takes in a document as another system kept it: any encoding, updates that overlap, edits that wait for others. */
import * as Y from 'yjs'
import { asSyncError, SyncError } from '../../shared/errors.ts'
import { unpackUpdates } from '../../shared/update/pack.ts'
import { splitUpdate } from '../../shared/update/split.ts'
import { UpdateShape, walkUpdate } from '../../shared/update/walk.ts'
import type { AdoptedDocument, ForeignCopy } from '../ports/compute.ts'

/** All that `copy` can show, deleted content included where it still has it. Throws `malformed-update`. */
export function adopt({ updates, encoding }: ForeignCopy, chunkBytes: number): AdoptedDocument {
  const document = new Y.Doc({ gc: false })
  try {
    document.transact(() => {
      for (const update of unpackUpdates(updates)) Y.applyUpdate(document, asV1(update, encoding))
    })
  } catch (thrown) {
    const { message } = asSyncError(thrown, 'malformed-update')
    throw new SyncError('malformed-update', `It is no document of Yjs. ${message}`, { cause: thrown })
  }
  const { store } = document
  const isIncomplete = store.pendingStructs !== null || store.pendingDs !== null
  // Else they would be encoded along.
  store.pendingStructs = store.pendingDs = null
  const update = Y.encodeStateAsUpdate(document)
  walkUpdate(update, new UpdateShape())
  return { chunks: splitUpdate(update, chunkBytes), isIncomplete }
}

function asV1(update: Uint8Array, encoding: ForeignCopy['encoding']): Uint8Array {
  if (encoding === 'v1') return update
  if (encoding === 'v2') return Y.convertUpdateFormatV2ToV1(update)
  // Walking is strict to the last byte, so an update of the other version does not pass for one of this.
  try {
    walkUpdate(update, new UpdateShape())
    return update
  } catch (notV1) {
    try {
      return Y.convertUpdateFormatV2ToV1(update)
    } catch {
      throw notV1
    }
  }
}
