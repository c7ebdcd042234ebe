/**
 * Group commit: many rooms, one transaction at a time, of which each room has a share: what is left over goes with the
 * next, so that nobody's letter waits for all that was pasted elsewhere.
 *
 * When nothing is being written a batch is written at once. While one is written the next one fills; that it has
 * filled shows load, so it goes on filling until `commitGapMs` after the first began. Showing a commit to a large
 * room takes one write a member; while letters come there in quick succession, each waits up to `gatherMs` for another
 * to share its transaction and its writes, and what takes long to show is rested after, so that showing takes a fifth of
 * the time at most. Where all rooms are small nobody waits but for the disk; heavy load makes few large commits. A batch
 * that cannot be written is kept and tried again; nothing is dropped.
 */
import { asSyncError } from '../../shared/errors.ts'
import type { Seq } from '../../shared/ids.ts'
import type { StorageTrouble } from '../../shared/protocol.ts'
import type { Log } from '../ports/log.ts'
import type { Batch, PendingUpdate, Store } from '../ports/store.ts'

/** A letter waits for another for at most so many times what the last fan-out took. */
const GATHER_PER_FAN_OUT = 10

/** A commit begins at the earliest so many times what the last fan-out took after the one before … */
const REST_PER_FAN_OUT = 5

/** … and at the latest after so many gaps, since other rooms wait as well. */
const MAX_REST_GAPS = 2

/** Timers are no finer. */
const MIN_PAUSE_MS = 1

/** A room as the committer sees it. */
export interface CommitSource {
  readonly handle: number
  /** Bytes of the updates to write that were not given away yet. */
  readonly pendingBytes: number
  /** Gives away updates to write, oldest first: one, and more while they are within `share`. */
  takePending(share: CommitShare): readonly PendingUpdate[]
  /** The updates taken are on disk; the first of them has `firstSeq`. Must not throw. */
  committed(updates: readonly PendingUpdate[], firstSeq: Seq): void
}

/** What one room may add to one commit, if it has more than one update. */
export interface CommitShare {
  readonly maxCommitUpdatesPerRoom: number
  readonly maxCommitBytesPerRoom: number
}

export interface CommitterOptions extends CommitShare {
  readonly commitGapMs: number
  readonly gatherMs: number
  readonly retryCommitMinMs: number
  readonly retryCommitMaxMs: number
}

/** Why commits fail, and since when, in milliseconds since 1970. */
export interface CommitTrouble {
  readonly code: StorageTrouble
  readonly sinceMs: number
}

export class Committer {
  readonly #store: Pick<Store, 'commit'>
  readonly #log: Log
  readonly #options: CommitterOptions
  readonly #dirty = new Set<CommitSource>()
  readonly #idleWaiters: (() => void)[] = []
  readonly #onTrouble: (trouble: StorageTrouble | null) => void
  #isRunning = false
  /** Runs while an update waits for another one. */
  #gathering: ReturnType<typeof setTimeout> | null = null
  #hasWaitedInVain = false
  /** Of the batch before, some updates were over their room's share. */
  #hasLeftOver = false
  #fanOutMs = 0
  #begunMs = Number.NEGATIVE_INFINITY
  #shownAtMs = Number.NEGATIVE_INFINITY
  #trouble: CommitTrouble | null = null
  /** Bytes of updates that nobody has taken yet, and of those in the batch being written. */
  #waitingBytes = 0
  #takenBytes = 0

  /** `onTrouble` is told when commits begin to fail, fail for another reason, and (null) succeed again. */
  constructor(
    store: Pick<Store, 'commit'>,
    log: Log,
    options: CommitterOptions,
    onTrouble: (trouble: StorageTrouble | null) => void = () => undefined,
  ) {
    this.#store = store
    this.#log = log
    this.#options = options
    this.#onTrouble = onTrouble
  }

  /** Null while commits succeed. */
  get trouble(): CommitTrouble | null {
    return this.#trouble
  }

  /** Bytes of updates that are in memory and not on disk. */
  get unwrittenBytes(): number {
    return this.#waitingBytes + this.#takenBytes
  }

  /** `source` has updates to write: `bytes` more than before. */
  add(source: CommitSource, bytes: number): void {
    this.#dirty.add(source)
    this.#waitingBytes += bytes
    if (this.#isRunning) return
    const waitMs = this.#gathering === null ? this.#gatheringMs() : 0
    if (waitMs > 0) this.#gathering = setTimeout(() => this.#begin({ isInVain: true }), waitMs)
    else this.#begin({ isInVain: false })
  }

  /** Resolves when everything added so far is on disk. */
  whenIdle(): Promise<void> {
    if (this.#dirty.size === 0 && !this.#isRunning) return Promise.resolve()
    return new Promise((resolve) => this.#idleWaiters.push(resolve))
  }

  /** `isInVain`: an update has waited for another one, and none came. */
  #begin({ isInVain }: { readonly isInVain: boolean }): void {
    this.#hasWaitedInVain = isInVain
    clearTimeout(this.#gathering ?? undefined)
    this.#gathering = null
    this.#isRunning = true
    // The turn's other messages join this batch.
    setImmediate(() => void this.#run())
  }

  /** Never rejects: failures to write are retried for as long as it takes. */
  async #run(): Promise<void> {
    // Nothing is being written when it begins.
    for (let gapMs = 0; this.#dirty.size > 0; gapMs = this.#options.commitGapMs) {
      // What was left over fills a commit already.
      if (!this.#hasLeftOver) await pause(this.#begunMs + Math.max(gapMs, this.#restMs()) - performance.now())
      this.#begunMs = performance.now()
      await this.#writeBatch([...this.#dirty])
    }
    this.#isRunning = false
    for (const resolve of this.#idleWaiters.splice(0)) resolve()
  }

  /** How long after a commit began the next one may, so that showing them leaves most of the time to other things. */
  #restMs(): number {
    return Math.min(this.#fanOutMs * REST_PER_FAN_OUT, this.#options.commitGapMs * MAX_REST_GAPS)
  }

  /** How long an update waits for another one; 0 when none is likely to come, or it is not worth a timer. */
  #gatheringMs(): number {
    const waitMs = Math.min(this.#options.gatherMs, this.#fanOutMs * GATHER_PER_FAN_OUT)
    const isBusy = performance.now() - this.#shownAtMs < 2 * waitMs
    return isBusy && !this.#hasWaitedInVain && waitMs >= MIN_PAUSE_MS ? waitMs : 0
  }

  /** Resolves when the batch is on disk and shown. */
  async #writeBatch(sources: readonly CommitSource[]): Promise<void> {
    this.#dirty.clear()
    this.#hasLeftOver = false
    const taken = sources.map((source) => this.#takeFrom(source))
    const firstSeqs = await this.#commit({
      documents: sources.map(({ handle }, at) => ({ handle, updates: taken[at] ?? [] })),
    })
    this.#takenBytes = 0
    const committedMs = performance.now()
    sources.forEach((source, at) => source.committed(taken[at] ?? [], firstSeqs[at] ?? (0 as Seq)))
    this.#shownAtMs = performance.now()
    this.#fanOutMs = this.#shownAtMs - committedMs
  }

  #takeFrom(source: CommitSource): readonly PendingUpdate[] {
    const before = source.pendingBytes
    const taken = source.takePending(this.#options)
    const takenBytes = before - source.pendingBytes
    this.#waitingBytes -= takenBytes
    this.#takenBytes += takenBytes
    if (source.pendingBytes > 0) {
      this.#dirty.add(source)
      this.#hasLeftOver = true
    }
    return taken
  }

  async #commit(batch: Batch): Promise<readonly Seq[]> {
    for (
      let delayMs = this.#options.retryCommitMinMs;
      ;
      delayMs = Math.min(delayMs * 2, this.#options.retryCommitMaxMs)
    ) {
      try {
        const firstSeqs = await this.#store.commit(batch)
        this.#recovered()
        return firstSeqs
      } catch (thrown) {
        this.#failed(thrown, batch.documents.length)
        await pause(delayMs)
      }
    }
  }

  #failed(thrown: unknown, documents: number): void {
    const { code, message } = asSyncError(thrown, 'storage-failed')
    const trouble = code === 'storage-full' ? code : 'storage-failed'
    if (this.#trouble?.code === trouble) return
    this.#trouble = { code: trouble, sinceMs: this.#trouble?.sinceMs ?? Date.now() }
    this.#log.error('commits failed; updates are kept in memory and tried again', { code, message, documents })
    this.#onTrouble(trouble)
  }

  #recovered(): void {
    if (this.#trouble === null) return
    this.#log.warn('commits succeeded again', { failedMs: Date.now() - this.#trouble.sinceMs })
    this.#trouble = null
    this.#onTrouble(null)
  }
}

/** How many of the oldest of `updates` make up a share. */
export function countWithin(share: CommitShare, updates: readonly PendingUpdate[]): number {
  const max = Math.min(updates.length, share.maxCommitUpdatesPerRoom)
  let left = share.maxCommitBytesPerRoom
  for (let count = 0; count < max; count++) {
    left -= updates[count]?.bytes.length ?? 0
    if (left < 0 && count > 0) return count
  }
  return max
}

async function pause(ms: number): Promise<void> {
  if (ms >= MIN_PAUSE_MS) await new Promise((resolve) => setTimeout(resolve, ms))
}
