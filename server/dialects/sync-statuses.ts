/**
 * How the Hocuspocus provider is told what is saved: it counts its changes, and each SyncStatus takes one off.
 *
 * The count starts anew, at 1, with every step 1 of the client; the step 2 that we then ask for is that one. So a
 * status is owed for that step 2 and for each update made since, and none for what was made before: a provider that
 * was offline sends those again although they are not in its count, which one status too many would take to 0 early.
 * Nothing is sent before that step 2 is on disk, since it holds everything the client had.
 *
 * What is refused stays in the count: a status 0 takes nothing off. When the client may write after all, the step 2 that
 * it is asked for brings everything that was refused, and then those statuses are owed.
 */
import type { Acknowledgements, Frame } from '../ports/dialect.ts'
import { KnownBefore } from './known-before.ts'

/** Of what is larger than a document's is nothing kept; then every update counts. */
const MAX_STATE_VECTOR_BYTES = 2 * 1024 * 1024
const EMPTY_STATE_VECTOR = new Uint8Array([0])

/** Exactly one status per counted frame, in order, each after its commit. */
export class SyncStatuses implements Acknowledgements {
  readonly #statuses: { readonly applied: Uint8Array; readonly refused: Uint8Array }
  /** Frames whose status is owed, oldest first. */
  readonly #owed: number[] = []
  /** What the client had when its count began; null once its step 2 came. */
  #before: KnownBefore | null = new KnownBefore(EMPTY_STATE_VECTOR)
  /** The step 2 that everything owed waits for; null until it came. */
  #step2: number | null = null

  /** How many counted frames were refused. */
  #refused = 0

  /** `applied` is the message that takes one off the client's count, `refused` the one that does not. */
  constructor(statuses: { readonly applied: Uint8Array; readonly refused: Uint8Array }) {
    this.#statuses = statuses
  }

  received(frame: Frame, frames: number): readonly Uint8Array[] {
    switch (frame.type) {
      case 'step1':
        this.#owed.length = 0
        this.#before = new KnownBefore(keptOf(frame.stateVector))
        this.#step2 = null
        this.#refused = 0
        break
      case 'step2':
        this.#receivedStep2(frames)
        break
      case 'update':
        if (this.#before?.holds(frame.update) !== true) this.#owed.push(frames)
        break
      default:
        break
    }
    return []
  }

  refused(frames: number): readonly Uint8Array[] {
    const others = this.#owed.filter((owed) => owed !== frames)
    this.#refused += this.#owed.length - others.length
    this.#owed.splice(0, this.#owed.length, ...others)
    return [this.#statuses.refused]
  }

  saved(frames: number): readonly Uint8Array[] {
    if (this.#step2 === null || frames < this.#step2) return []
    const open = this.#owed.findIndex((owed) => owed > frames)
    const due = this.#owed.splice(0, open === -1 ? this.#owed.length : open)
    return due.map(() => this.#statuses.applied)
  }

  #receivedStep2(frames: number): void {
    if (this.#before !== null) {
      this.#before = null
      this.#step2 = frames
      this.#owed.push(frames)
      return
    }
    // A further step 2 answers a question of ours, which the client did not count; it may bring what was refused.
    for (; this.#refused > 0; this.#refused--) this.#owed.push(frames)
  }

  /** Providers have no word for it; what they sent stays unsynced. */
  storageChanged(): readonly Uint8Array[] {
    return []
  }
}

function keptOf(stateVector: Uint8Array): Uint8Array {
  return stateVector.length > MAX_STATE_VECTOR_BYTES ? EMPTY_STATE_VECTOR : stateVector.slice()
}
