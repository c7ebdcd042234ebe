/**
 * The store keeps every update ever accepted, in order, on disk. Its log is the truth.
 *
 * One writer per data folder. Where nothing else is said, byte arrays handed in are copied by the adapter before the
 * call returns, and the caller may reuse them.
 */
import type { ErrorCode } from '../../shared/errors.ts'
import type { DocumentId, Seq } from '../../shared/ids.ts'
import type { DocumentSummary, TimelineEntry, VerifyReport } from '../../shared/rest.ts'
import type { Parcel } from './parcel.ts'

/** Who sent an update; empty strings when not known. */
export interface Author {
  readonly user: string
  readonly name: string
}

/** A document as the store knows it. Opening creates nothing: a row exists from the first commit on. */
export interface OpenedDocument {
  /** Stands for the document in the other calls while this store is open. */
  readonly handle: number
  /** The last committed seq; 0 when the document was never written. */
  readonly head: Seq
  /** What the log covers, as `Coverage.encode` writes it (delete set, then state vector). */
  readonly coverage: Uint8Array
  /** Of the last snapshot's chunks; 0 when there is none. */
  readonly snapshotBytes: number
  /** Bytes and updates since the last snapshot: how much a compaction would fold. */
  readonly tailBytes: number
  readonly tailUpdates: number
  /** The snapshot cannot be read; the document is read from its log, which holds all of it, until it has another. */
  readonly isSnapshotDamaged: boolean
  /** Null: the document is served whole. With one, `head` and all of the above are of its good seq. */
  readonly quarantine: Quarantine | null
  /** An operator has decided that it is served as it is, whatever is found in it. */
  readonly isKept: boolean
  readonly clientOwners: readonly ClientOwner[]
}

/** A client id of a document and the user whose it is. */
export interface ClientOwner {
  readonly client: number
  readonly user: string
}

export interface DocumentClientOwner extends ClientOwner {
  /** The document's. */
  readonly handle: number
}

/** Why and since when a document is served read-only, as it was up to a seq: what follows cannot be applied. */
export interface Quarantine {
  /** Milliseconds since 1970. */
  readonly sinceMs: number
  /** The document is served up to here. */
  readonly goodSeq: Seq
  /** Seqs of the updates at fault, ascending; empty when it could not be told which they are. */
  readonly badSeqs: readonly number[]
  readonly code: ErrorCode
  readonly message: string
}

export interface PendingUpdate {
  readonly bytes: Uint8Array
  readonly author: Author
  /** Milliseconds since 1970 at which the server took it. */
  readonly atMs: number
}

/** Everything one commit writes: per document its updates in order, each document at most once; all of it or nothing. */
export interface Batch {
  readonly documents: readonly {
    readonly handle: number
    readonly updates: readonly PendingUpdate[]
  }[]
  /** Whose client ids are, of any documents; one that has an owner keeps it. */
  readonly owners?: readonly DocumentClientOwner[]
}

/** Updates one after the other, each a varUint length and its bytes (see shared/update/pack.ts). */
export type PackedUpdates = Uint8Array

/** A document's present content: a snapshot cut in causal order, then every update after it. */
export interface StoredContent {
  readonly seq: Seq
  /** Self-contained updates to apply in order; empty when there is no snapshot, or none that can be read. */
  readonly snapshot: readonly Uint8Array[]
  readonly tail: PackedUpdates
}

/** The same on its way to another thread. */
export interface SentContent {
  readonly seq: Seq
  /** The snapshot holds everything up to here; 0 without one. */
  readonly snapshotSeq: Seq
  readonly snapshot: Parcel
  /** Packed updates, in pieces. */
  readonly tail: Parcel
}

/** The same, read while it is gone through. */
export interface ContentReading {
  readonly seq: Seq
  /**
   * To be gone through at once: what is stored stays until that has ended, or was given up. Each update is gone when the
   * next is asked for.
   */
  readonly snapshot: AsyncIterable<Uint8Array>
  readonly tail: PackedUpdates
}

export interface NewSnapshot<Chunks = Parcel> {
  /** The seq up to which everything is folded in; at most the head. */
  readonly seq: Seq
  readonly chunks: Chunks
  readonly coverage: Uint8Array
  /** The document's title for lists, or null when its model has none. */
  readonly title: string | null
}

export interface LogSlice {
  readonly fromSeq: Seq
  readonly toSeq: Seq
  readonly updates: PackedUpdates
}

/**
 * All promises reject with a SyncError: `storage-failed`, `storage-full` when the disk has no room,
 * `storage-corrupt`, `not-found` for a handle of no document,
 * `shutting-down`, and `invalid-request` or `invalid-moment` for what the caller should not have asked.
 */
export interface Store {
  /** The document's head and coverage. Rejects `storage-corrupt` rather than showing an empty document. */
  open(document: DocumentId): Promise<OpenedDocument>

  /**
   * Writes the batch in one transaction and resolves when it is on disk (`synchronous = FULL`), with the
   * first seq given to each document of the batch, in the batch's order. All or nothing: of a batch that was
   * rejected nothing is kept, so the caller may ask again.
   * Calls are carried out in order, but for one whose batch is a single large update: while it is written others may
   * be carried out, and until it has resolved nothing of it is in the log. Who wants the next updates of its document
   * to come after it waits for it.
   */
  commit(batch: Batch): Promise<readonly Seq[]>

  /**
   * The present content, as of every commit asked for before, large ones that have not resolved excepted; `served`: of a document in quarantine what is good,
   * `all`: whatever is stored. Dropped updates have no content in it.
   */
  content(handle: number, scope?: 'served' | 'all'): Promise<StoredContent>

  /** The same for another thread. */
  send(handle: number, scope?: 'served' | 'all'): Promise<SentContent>

  /** What is served of it, for one who takes it at their own pace: however large it is, little of it is in memory. */
  read(handle: number): Promise<ContentReading>

  /** Puts a document that has a log in quarantine, in place of one it may be in. It has to be opened anew. */
  quarantine(handle: number, quarantine: Quarantine): Promise<void>

  /** Ends a quarantine; with `keep` the document never comes into another. It has to be opened anew. */
  liftQuarantine(handle: number, keep: boolean): Promise<void>

  /**
   * Ends a quarantine by leaving out of the document what the updates `seqs`, at least one, hold: their clocks and what
   * they delete stay, the log keeps them, `by` is recorded. It has to be opened anew.
   */
  dropUpdates(handle: number, seqs: readonly number[], by: string): Promise<void>

  /** Every document in quarantine, oldest first. */
  quarantined(): Promise<readonly { readonly document: string; readonly quarantine: Quarantine }[]>

  /** What stands for a document, also for one that does not open. Rejects `not-found` when it was never written. */
  handle(document: DocumentId): Promise<number>

  /** Forgets a snapshot, to be made anew from the log. */
  forgetSnapshot(handle: number): Promise<void>

  /** Replaces the snapshot when `snapshot.seq` is newer than the stored one. The log keeps every update. */
  saveSnapshot(handle: number, snapshot: NewSnapshot): Promise<void>

  /** The updates with `fromSeq ≤ seq ≤ toSeq`, never garbage-collected; `scope` as for `content`. */
  log(handle: number, fromSeq: Seq, toSeq: Seq, scope?: 'served' | 'all'): Promise<LogSlice>

  /** The same packed updates for another thread, in pieces. */
  sendLog(handle: number, fromSeq: Seq, toSeq: Seq): Promise<Parcel>

  /** The seq of the last update at or before `timeMs`; 0 when the document is younger. */
  seqAt(handle: number, timeMs: number): Promise<Seq>

  /** Newest first, at most `limit`: the log grouped by author and by pauses of `pauseMs` and longer. */
  timeline(
    handle: number,
    options: { readonly pauseMs: number; readonly limit: number },
  ): Promise<readonly TimelineEntry[]>

  /** Every document with a log, most recently changed first. */
  list(limit: number): Promise<readonly DocumentSummary[]>

  /** Copies the whole store to a new file while it is in use, and checks the copy. Rejects when the file exists. */
  backup(file: string): Promise<{ readonly bytes: number }>

  /** Checks every row: checksums, gaps, heads, and that every update can be walked. */
  verify(): Promise<VerifyReport>

  /** Packs what is packed lazily (journal, segments), returns free pages, resolves when the store is idle. */
  tidy(): Promise<void>

  /** Resolves when a small write reached the disk; rejects when the store cannot write. */
  probe(): Promise<void>

  /** Carries out what was asked for, then closes. Later calls reject `shutting-down`. */
  close(): Promise<void>
}
