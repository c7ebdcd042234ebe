/** Documents as other systems keep them, for `weft import`. Reading one changes nothing where it lies. */

/** How an update is encoded; `unknown` when only its bytes can tell. */
export type UpdateEncoding = 'v1' | 'v2' | 'unknown'

export interface ForeignDocument {
  /** What the other system calls it; no document id yet. */
  readonly name: string
  /** Where it lies, for people: the file, and the row or key in it. */
  readonly place: string
  /** Its Yjs updates, oldest first. Rejects `unreadable-source` when they cannot be read. */
  updates(): Promise<readonly Uint8Array[]>
}

/** A file or folder with documents. All promises reject with a SyncError, `unreadable-source` for what lies there. */
export interface ForeignSource {
  /** What it was taken for, for people: "a y-leveldb folder". */
  readonly kind: string
  readonly encoding: UpdateEncoding
  /** How many documents there are. */
  readonly count: number
  documents(): AsyncIterable<ForeignDocument>
  close(): Promise<void>
}
