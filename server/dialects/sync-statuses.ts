/**
 * How the Hocuspocus provider is told what is saved: it counts its changes, and each SyncStatus takes one off.
 *
 * The count starts at 1 with every step 1 of the client; the step 2 that we then ask for is that one. Changes made
 * offline are not in the count although they are sent, so the first few statuses would take it to 0 too early. They
 * are therefore kept back until that step 2 is on disk, which holds everything the client had.
 */
import type { Acknowledgements, Frame } from '../ports/dialect.ts'

/** Exactly one status per update, and one step 2 per step 1, each after its commit. */
export class SyncStatuses implements Acknowledgements {
  readonly #status: Uint8Array
  /** Frames whose status is owed, oldest first. */
  readonly #owed: number[] = []
  #awaitsStep2 = true
  /** The step 2 that everything owed waits for; null until it came. */
  #step2: number | null = null

  /** `status` is the message that takes one off the client's count. */
  constructor(status: Uint8Array) {
    this.#status = status
  }

  received(frame: Frame, frames: number): readonly Uint8Array[] {
    if (frame.type === 'step1') {
      this.#awaitsStep2 = true
      this.#step2 = null
    } else if (frame.type === 'update') {
      this.#owed.push(frames)
    } else if (frame.type === 'step2' && this.#awaitsStep2) {
      // A further step 2 answers a question by which we close a gap; the client did not count it.
      this.#awaitsStep2 = false
      this.#step2 = frames
      this.#owed.push(frames)
    }
    return []
  }

  saved(frames: number): readonly Uint8Array[] {
    if (this.#step2 === null || frames < this.#step2) return []
    const open = this.#owed.findIndex((owed) => owed > frames)
    const due = this.#owed.splice(0, open === -1 ? this.#owed.length : open)
    return due.map(() => this.#status)
  }
}
