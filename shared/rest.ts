/** Shapes of the REST API under /api/v1, used by the server, the pages and the command line. */

/** One row of the document list. Times are milliseconds since 1970. */
export interface DocumentSummary {
  readonly document: string
  /** Empty until the document's `meta.title` was first read by the server. */
  readonly title: string
  readonly createdAtMs: number
  readonly updatedAtMs: number
  /** The last committed seq: how many updates the document ever took. */
  readonly seq: number
}

/** A stretch of editing by one author without a long pause. */
export interface TimelineEntry {
  readonly fromSeq: number
  readonly toSeq: number
  readonly fromMs: number
  readonly toMs: number
  /** Empty strings when the author is not known. */
  readonly user: string
  readonly name: string
  readonly updates: number
  readonly bytes: number
}

/** Where to restore to: a seq, or the last update at or before a time. */
export type Moment = { readonly seq: number } | { readonly timeMs: number }

export interface RestoreResult {
  readonly document: string
  /** The moment that was restored, as a seq. */
  readonly restoredSeq: number
  /** The seq of the edit that restores it; null when nothing had to change or on a dry run. */
  readonly newSeq: number | null
  /** Bytes of that edit; 0 when nothing had to change. */
  readonly bytes: number
  /** Root types whose content differs between now and then. */
  readonly changedRoots: readonly string[]
}

/** What `verify` found. `problems` is empty when everything is sound. */
export interface VerifyReport {
  readonly documents: number
  readonly updates: number
  readonly bytes: number
  readonly problems: readonly { readonly document: string; readonly problem: string }[]
}

/** RFC 9457 problem document: every failed request answers with one. */
export interface Problem {
  readonly status: number
  readonly title: string
  readonly code: string
}
