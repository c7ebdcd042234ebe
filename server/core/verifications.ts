/**
 * The updates of one room that a compute thread looks at before the room takes them.
 *
 * One job at a time, with all that has come meanwhile: the document has to be read and applied for each job. What is
 * typed meanwhile does not wait here, unless it builds on what does; then it is a gap like any other.
 */
import { asSyncError, SyncError } from '../../shared/errors.ts'
import type { Compute, Content, Verdict } from '../ports/compute.ts'

/** Where updates go that were looked at, and what they are looked at against. */
export interface Verified<Writer> {
  /** Resolves when everything the room has taken so far is on disk. */
  whenWritten(): Promise<unknown>
  /** Everything that is on disk. */
  content(): Promise<Content>
  /** Takes an update that passed. Throws what the writer is to be told. */
  take(update: Uint8Array, writer: Writer, verdict: Extract<Verdict, { readonly name: 'passed' }>): number | 'gap'
}

interface Waiting<Writer> {
  readonly update: Uint8Array
  readonly writer: Writer
  readonly resolve: (taken: number | 'gap') => void
  readonly reject: (error: SyncError) => void
}

/** Updates looked at in one job; after a refused one the rest needs another job. */
const MAX_BATCH = 16

/** Of the message it lies in, an update is this much at least, or it is copied to be kept. */
const MOST = 0.9

/** `update`, part of a message, for as long as it waits: to copy megabytes takes milliseconds, in which nobody is served. */
export function kept(update: Uint8Array): Uint8Array {
  return update.length < MOST * update.buffer.byteLength ? update.slice() : update
}

export class Verifications<Writer> {
  readonly #compute: Compute
  readonly #target: Verified<Writer>
  readonly #maxBytes: number
  readonly #waiting: Waiting<Writer>[] = []
  #bytes = 0
  #isRunning = false
  #isClosed = false
  /** After a job was lost: one update a job, so that the next one lost is nobody else's fault. */
  #isCareful = false

  /** `maxBytes` of updates may wait. */
  constructor(compute: Compute, target: Verified<Writer>, maxBytes: number) {
    this.#compute = compute
    this.#target = target
    this.#maxBytes = maxBytes
  }

  /** Nothing waits. */
  get isIdle(): boolean {
    return !this.#isRunning
  }

  /**
   * Resolves with the update's position once it was taken, or with `gap`. Rejects `malformed-update`,
   * `update-too-costly`, `permission-denied`, `overloaded`, and what the store and its content are at fault for.
   */
  add(update: Uint8Array, writer: Writer): Promise<number | 'gap'> {
    return new Promise((resolve, reject) => {
      if (this.#bytes + update.length > this.#maxBytes) {
        reject(new SyncError('overloaded', `${this.#bytes} bytes wait to be checked; try again in a moment.`))
        return
      }
      this.#bytes += update.length
      this.#waiting.push({ update, writer, resolve, reject })
      if (!this.#isRunning) void this.#run() // It never rejects: what fails is told to who waits for it.
    })
  }

  /** Whatever waits is refused, to be sent again; verdicts that are still to come change nothing. */
  close(): void {
    this.#isClosed = true
    for (const { reject } of this.#waiting.splice(0)) {
      reject(new SyncError('shutting-down', 'The document was closed while an update waited to be checked.'))
    }
  }

  async #run(): Promise<void> {
    this.#isRunning = true
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.slice(0, this.#isCareful ? 1 : MAX_BATCH)
      const settled = await this.#verify(batch)
      for (const { update } of this.#waiting.splice(0, settled)) this.#bytes -= update.length
    }
    this.#isRunning = false
  }

  /** Settles the first of `batch`, at least one unless the job was lost with several; returns how many. */
  async #verify(batch: readonly Waiting<Writer>[]): Promise<number> {
    try {
      await this.#target.whenWritten()
      const verdicts = await this.#compute.verify(
        () => this.#target.content(),
        batch.map(({ update }) => update),
      )
      for (const [at, verdict] of verdicts.entries()) this.#settle(batch[at], verdict)
      this.#isCareful = false
      return verdicts.length
    } catch (thrown) {
      const error = asSyncError(thrown, 'job-failed')
      const isLost = error.code === 'job-failed' || error.code === 'job-timed-out'
      if (isLost && batch.length > 1) {
        this.#isCareful = true
        return 0
      }
      for (const { reject } of batch) {
        reject(
          isLost ? new SyncError('update-too-costly', `It was not applied: ${error.message}`, { cause: error }) : error,
        )
      }
      return batch.length
    }
  }

  #settle(waiting: Waiting<Writer> | undefined, verdict: Verdict): void {
    if (waiting === undefined || this.#isClosed) return
    const { update, writer, resolve, reject } = waiting
    if (verdict.name === 'waits') return resolve('gap')
    if (verdict.name === 'refused') return reject(new SyncError(verdict.code, verdict.message))
    try {
      resolve(this.#target.take(update, writer, verdict))
    } catch (thrown) {
      reject(asSyncError(thrown, 'job-failed'))
    }
  }
}
