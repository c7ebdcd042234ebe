/** What an operator can do with a data folder, whether a server runs on it or not. */
import type { DocumentId } from '../../shared/ids.ts'
import type { ImportResult, Moment, RestoreResult, TimelineEntry, VerifyReport } from '../../shared/rest.ts'
import type { UpdateEncoding } from './foreign.ts'
import type { Author } from './store.ts'

export interface RestoreRequest {
  readonly moment: Moment
  /** Only tells what would change. */
  readonly dryRun: boolean
  readonly author: Author
}

export interface ImportRequest {
  /** The copy's updates, oldest first. */
  readonly updates: readonly Uint8Array[]
  readonly encoding: UpdateEncoding
  /** Only tells what would be added. */
  readonly dryRun: boolean
  readonly author: Author
}

/** All promises reject with a SyncError. */
export interface Operator {
  /** Newest first, at most `limit`. Rejects `not-found` when the document was never written. */
  timeline(document: DocumentId, limit: number): Promise<readonly TimelineEntry[]>
  /**
   * Brings a document back to a moment by a forward edit, which connected editors, stale tabs and offline copies
   * merge like any other. Rejects `not-found` and `invalid-moment`.
   */
  restore(document: DocumentId, request: RestoreRequest): Promise<RestoreResult>
  /**
   * Adds what another system's copy of a document has and the document lacks, so a second time adds nothing.
   * Rejects `malformed-update` when the copy is no document of Yjs.
   */
  import(document: DocumentId, request: ImportRequest): Promise<ImportResult>
  /** Copies the whole store to a new file on the machine that holds it, and checks the copy. */
  backup(file: string): Promise<{ readonly bytes: number }>
  verify(): Promise<VerifyReport>
}
