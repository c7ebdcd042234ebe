/** What the main thread asks of the storage thread, and how answers travel. Types, and nothing that loads SQLite. */
import { SyncError, type ErrorCode } from '../../shared/errors.ts'
import type { Seq } from '../../shared/ids.ts'
import type { AuditStore } from '../ports/audit.ts'
import type { LinkStore } from '../ports/link-store.ts'
import type { RevocationStore } from '../ports/revocation-store.ts'
import type { Parcel } from '../ports/parcel.ts'
import type { Batch, ContentReading, DocumentClientOwner, NewSnapshot, SentContent, Store } from '../ports/store.ts'
import type { SentParcel } from '../threads/parcel.ts'

/** In the data folder. */
export const DATABASE_FILE = 'weft.db'

/** `Store` as the thread carries it out: batches come encoded, and checking has a thread of its own. */
export interface EngineCalls extends Omit<
  Store,
  'commit' | 'send' | 'sendLog' | 'read' | 'saveSnapshot' | 'probe' | 'backup' | 'verify'
> {
  /** `payload` as `encodeBatch` makes it. */
  commit(payload: Uint8Array, owners?: Batch['owners']): Promise<Committed>

  /** The same of one large update; other requests are carried out meanwhile. */
  commitLarge(update: LargeCommit): Promise<Committed>

  send(handle: number, scope?: 'served' | 'all'): Promise<Posted<SentContent>>
  sendLog(handle: number, fromSeq: Seq, toSeq: Seq): Promise<SentParcel>
  saveSnapshot(handle: number, snapshot: Posted<NewSnapshot>): Promise<void>

  /** What `Store.read` promises, with a number for the snapshot's reading. */
  beginReading(handle: number): Promise<Omit<ContentReading, 'snapshot'> & { readonly reading: number }>

  /** The next updates of the snapshot; none after the last. */
  readOn(reading: number): Promise<readonly Uint8Array[]>

  /** To be called in the end, whatever came of it. */
  endReading(reading: number): Promise<void>

  /** What `Store.probe` promises; resolves with the number of the last commit. */
  probe(): Promise<number>

  /** What was put back in the write-ahead log when it was opened, a sentence each. */
  mended(): Promise<readonly string[]>

  /** Copies the database to `file`, which does not exist, as a file that needs no others beside it. */
  copyTo(file: string): Promise<void>

  appendAudit: AuditStore['append']
  readAudit: AuditStore['read']
  latestOfEachUser: AuditStore['latestOfEachUser']

  saveLink: LinkStore['save']
  findLink: LinkStore['find']
  listLinks: LinkStore['list']

  saveRevocation: RevocationStore['save']
  listRevocations: RevocationStore['list']
}

/** As it travels: with its parcels in messages. */
export type Posted<Value> = { readonly [Key in keyof Value]: Value[Key] extends Parcel ? SentParcel : Value[Key] }

/** A commit of one update that is written in parts. */
export interface LargeCommit {
  /** As `encodeLarge` makes it. */
  readonly payload: Uint8Array
  /** The update's, in a buffer of their own; gone afterwards. */
  readonly bytes: Uint8Array
  readonly owners: readonly DocumentClientOwner[]
}

/** A commit that is on disk. */
export interface Committed {
  /** Its number: one more than that of the commit before. */
  readonly number: number
  readonly firstSeqs: readonly Seq[]
}

export interface Request {
  readonly id: number
  readonly method: keyof EngineCalls
  readonly args: readonly unknown[]
}

export type Answer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: SentError }

/** The thread could not start; it ends after this. */
export interface StartFailure {
  readonly startError: SentError
}

/** A SyncError on its way to another thread, where its class would be lost. */
export interface SentError {
  readonly code: ErrorCode
  readonly message: string
  readonly cause: string
}

export function sendError(error: SyncError): SentError {
  return { code: error.code, message: error.message, cause: error.cause instanceof Error ? error.cause.message : '' }
}

export function receiveError({ code, message, cause }: SentError): SyncError {
  return new SyncError(code, message, cause === '' ? undefined : { cause })
}
