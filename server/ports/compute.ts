/**
 * Work on whole documents, off the event loop. Every job has a deadline; a job that fails or hangs costs its
 * thread, never the process.
 */
import type { PackedUpdates, StoredContent } from './store.ts'

export interface CompactedDocument {
  /** The document as self-contained updates in causal order, each near `chunkBytes` at most. */
  readonly chunks: readonly Uint8Array[]
  readonly coverage: Uint8Array
  readonly title: string | null
}

export interface RestoringEdit {
  /** The smallest update that leads from now back to then; null when they do not differ. */
  readonly update: Uint8Array | null
  /** Names of the root types it changes. */
  readonly changedRoots: readonly string[]
}

/** A moment made readable: per root type its plain text or JSON, whichever fits. */
export interface DocumentView {
  readonly roots: readonly {
    readonly name: string
    readonly kind: 'text' | 'map' | 'array' | 'xml'
    readonly content: unknown
  }[]
}

/**
 * All promises reject with a SyncError: `storage-corrupt` when the updates handed in cannot be applied,
 * `job-failed`, `job-timed-out`, `overloaded`, `shutting-down`. Bytes handed in are copied.
 */
export interface Compute {
  /** Folds content into a snapshot. */
  compact(content: Pick<StoredContent, 'snapshot' | 'tail'>): Promise<CompactedDocument>

  /**
   * What a peer with `stateVector` (Yjs encoding) lacks, as self-contained updates in causal order.
   * Rejects `malformed-update` when the state vector cannot be read.
   */
  diff(content: Pick<StoredContent, 'snapshot' | 'tail'>, stateVector: Uint8Array): Promise<readonly Uint8Array[]>

  /** The forward edit that restores the moment between `before` and `after`. */
  restore(log: { readonly before: PackedUpdates; readonly after: PackedUpdates }): Promise<RestoringEdit>

  view(log: PackedUpdates): Promise<DocumentView>

  close(): Promise<void>
}
