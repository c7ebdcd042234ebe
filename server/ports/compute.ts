/**
 * Work on whole documents, off the event loop. Every job has a deadline; a job that fails or hangs costs its
 * thread, never the process.
 */
import type { ErrorCode } from '../../shared/errors.ts'
import type { UpdateOutline } from '../../shared/update/outline.ts'
import type { UpdateEncoding } from './foreign.ts'
import type { Parcel } from './parcel.ts'
import type { PackedUpdates, SentContent } from './store.ts'

export interface CompactedDocument {
  /** The document as self-contained updates in causal order, each near `chunkBytes` at most. */
  readonly chunks: Parcel
  readonly coverage: Uint8Array
  readonly title: string | null
}

export interface RestoringEdit {
  /** The smallest update that leads from now back to then; null when they do not differ. */
  readonly update: Uint8Array | null
  /** Names of the root types it changes. */
  readonly changedRoots: readonly string[]
}

/** A document as another system kept it. */
export interface ForeignCopy {
  readonly updates: PackedUpdates
  readonly encoding: UpdateEncoding
}

export interface AdoptedDocument {
  /** All of it that can be shown, as self-contained updates in causal order, each near `chunkBytes` at most. */
  readonly chunks: readonly Uint8Array[]
  /** The copy has edits that build on others which it does not have; they are left out. */
  readonly isIncomplete: boolean
}

/** A moment made readable: per root type its plain text or JSON, whichever fits. */
export interface DocumentView {
  readonly roots: readonly {
    readonly name: string
    readonly kind: 'text' | 'map' | 'array' | 'xml'
    readonly content: unknown
  }[]
}

/** What came of applying an update to its document. */
export type Verdict =
  | {
      readonly name: 'passed'
      readonly outline: UpdateOutline
      /** Names of the root types in which it adds or deletes anything, sorted. */
      readonly changedRoots: readonly string[]
    }
  /** It builds on something that the document lacks. */
  | { readonly name: 'waits' }
  | { readonly name: 'refused'; readonly code: ErrorCode; readonly message: string }

/** What is wrong with a document that could not be folded. */
export interface Inspection {
  /** Places in the tail, ascending, of the updates without which it can be folded; empty: it can be as it is. */
  readonly bad: readonly number[]
  /** What the first of them, or all together, did; empty strings when none is bad. */
  readonly code: ErrorCode | ''
  readonly message: string
}

/** What a job works on: a snapshot, and the updates after it. */
export type Content = Pick<SentContent, 'snapshot' | 'tail'>

/**
 * Reads what a job works on. Called when a thread is free for it, so that however many jobs wait, no more documents are
 * in memory than there are threads. The thread takes the bytes over: whoever reads them must not use them otherwise.
 */
export type Load<Bytes> = () => Promise<Bytes>

/**
 * All promises reject with a SyncError: what `load` rejects with, `storage-corrupt` when the updates cannot be applied,
 * `job-failed`, `job-timed-out`, `overloaded`, `shutting-down`.
 */
export interface Compute {
  /** Folds content into a snapshot. */
  compact(load: Load<Content>): Promise<CompactedDocument>

  /** Content as one update, cut in pieces anywhere. */
  merge(load: Load<Content>): Promise<Parcel>

  /**
   * What a peer with `stateVector` (Yjs encoding) lacks, as self-contained updates in causal order.
   * Rejects `malformed-update` when the state vector cannot be read.
   */
  diff(load: Load<Content>, stateVector: Uint8Array): Promise<Parcel>

  /** The forward edit that restores the moment between `before` and `after`, packed updates in pieces. */
  restore(load: Load<{ readonly before: Parcel; readonly after: Parcel }>): Promise<RestoringEdit>

  view(load: Load<PackedUpdates>): Promise<DocumentView>

  /** Finds the updates of the tail that keep a document from being folded. Rejects `storage-corrupt` for its snapshot. */
  inspect(load: Load<Content>): Promise<Inspection>

  /**
   * Applies `updates`, one after the other, to the document and says what came of it. At least one verdict and no more
   * than there are updates: there are none on what follows a refused one. These jobs have a thread and a deadline of
   * their own. `updates` are copied. Rejects `job-timed-out` or `job-failed` when one of the updates hangs or ends the thread.
   */
  verify(load: Load<Content>, updates: readonly Uint8Array[]): Promise<readonly Verdict[]>

  /** Makes another system's copy of a document fit to be written. Rejects `malformed-update` when it is none. */
  adopt(load: Load<ForeignCopy>): Promise<AdoptedDocument>

  close(): Promise<void>
}
