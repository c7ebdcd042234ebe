/**
 * How large a document is: its snapshot, the log after it, and what waits for its commit.
 *
 * Counted along, so that asking costs the same whatever the size. It is what somebody loads who opens the document; the
 * history before the snapshot does not count.
 */
import type { OpenedDocument, PendingUpdate } from '../ports/store.ts'

export class DocumentSize {
  readonly #maxBytes: number
  #snapshotBytes: number
  #tailUpdates: number
  #tailBytes: number
  #unwrittenBytes = 0

  constructor(opened: Pick<OpenedDocument, 'snapshotBytes' | 'tailUpdates' | 'tailBytes'>, maxBytes: number) {
    this.#maxBytes = maxBytes
    this.#snapshotBytes = opened.snapshotBytes
    this.#tailUpdates = opened.tailUpdates
    this.#tailBytes = opened.tailBytes
  }

  /** Of the last snapshot, before compression; 0 when there is none. */
  get snapshotBytes(): number {
    return this.#snapshotBytes
  }

  /** What is in the log and in no snapshot yet, as of now. */
  get tail(): { readonly updates: number; readonly bytes: number } {
    return { updates: this.#tailUpdates, bytes: this.#tailBytes }
  }

  get isFull(): boolean {
    return this.#snapshotBytes + this.#tailBytes + this.#unwrittenBytes >= this.#maxBytes
  }

  /** An update of `bytes` bytes waits for its commit. */
  accepted(bytes: number): void {
    this.#unwrittenBytes += bytes
  }

  /** Updates that waited are in the log. */
  committed(updates: readonly PendingUpdate[]): void {
    this.#tailUpdates += updates.length
    for (const { bytes } of updates) {
      this.#tailBytes += bytes.length
      this.#unwrittenBytes -= bytes.length
    }
  }

  /** A snapshot of `snapshotBytes` leaves `tailUpdates` in the tail; it holds at least `foldedBytes` of it. */
  compacted(tailUpdates: number, foldedBytes: number, snapshotBytes: number): void {
    this.#tailUpdates = Math.max(0, tailUpdates)
    this.#tailBytes = this.#tailUpdates === 0 ? 0 : Math.max(0, this.#tailBytes - foldedBytes)
    this.#snapshotBytes = snapshotBytes
  }
}
