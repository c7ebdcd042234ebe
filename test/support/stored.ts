/** What a data folder holds of a document, read when no server has the folder. */
import { openSqliteStore } from '../../server/store/sqlite-store.ts'
import { parseDocumentId, type Seq } from '../../shared/ids.ts'
import type { VerifyReport } from '../../shared/rest.ts'
import { unpackUpdates } from '../../shared/update/pack.ts'
import { repeatedIn } from '../../trust/repeated.ts'

export interface StoredDocument {
  /** Every update ever accepted. */
  readonly log: readonly Uint8Array[]
  /** How many of them hold nothing that those before them do not: none, unless something was written twice. */
  readonly repeated: number
  /** What whoever opens the document is sent: the last snapshot, and the updates after it. */
  readonly content: readonly Uint8Array[]
  /** What `weft verify` finds in the whole folder. */
  readonly problems: VerifyReport['problems']
}

export async function readStored(folder: string, document: string): Promise<StoredDocument> {
  const store = await openSqliteStore({ folder })
  try {
    const { handle, head } = await store.open(parseDocumentId(document))
    const log = unpackUpdates((await store.log(handle, 1 as Seq, head)).updates)
    const { snapshot, tail } = await store.content(handle)
    const { problems } = await store.verify()
    return { log, repeated: repeatedIn(log), content: [...snapshot, ...unpackUpdates(tail)], problems }
  } finally {
    await store.close()
  }
}
