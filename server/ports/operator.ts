/** What an operator can do with a data folder, whether a server runs on it or not. */
import type { DocumentId } from '../../shared/ids.ts'
import type {
  AuditEntry,
  AuditQuery,
  ImportResult,
  Moment,
  RestoreResult,
  TimelineEntry,
  RepairReport,
  VerifyReport,
} from '../../shared/rest.ts'
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

export interface RepairRequest {
  /** `look` changes nothing; `drop` leaves out what the bad updates hold; `keep` serves the document with them. */
  readonly action: 'look' | 'drop' | 'keep'
  /** The updates to drop; null: those found to be at fault. */
  readonly seqs: readonly number[] | null
  /** Recorded. */
  readonly by: string
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
  /**
   * Looks at a document that cannot be folded, or does something about it. A damaged snapshot is made anew by any
   * action but `look`. Rejects `not-found`, `storage-corrupt` when the log itself is damaged, and, where dropping would
   * not be enough, as folding does.
   */
  repair(document: DocumentId, request: RepairRequest): Promise<RepairReport>
  /** Copies the whole store to a new file on the machine that holds it, and checks the copy. */
  backup(file: string): Promise<{ readonly bytes: number }>
  verify(): Promise<VerifyReport>
  /** Entries of the audit log, newest first. */
  audit(query: AuditQuery): Promise<readonly AuditEntry[]>
}
