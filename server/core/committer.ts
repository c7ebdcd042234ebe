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
 *
 * A large update is a batch of its own, written beside the others: only what its room has after it waits for it.
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
  /** A larger update is the only one. */
  readonly partBytes: number
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
  /** Sources whose large update is being written. */
  readonly #occupied = new Set<CommitSource>()
  /** Batches that could not be written yet. */
  readonly #failing = new Set<Batch>()
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
  #unwrittenBytes = 0

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
    return this.#unwrittenBytes
  }

  /** `source` has updates to write: `bytes` more than before. */
  add(source: CommitSource, bytes: number): void {
    this.#unwrittenBytes += bytes
    if (this.#occupied.size > 0 && this.#occupied.has(source)) return
    this.#dirty.add(source)
    if (this.#isRunning) return
    const waitMs = this.#gathering === null ? this.#gatheringMs() : 0
    if (waitMs > 0) this.#gathering = setTimeout(() => this.#begin({ isInVain: true }), waitMs)
    else this.#begin({ isInVain: false })
  }

  /** Resolves when everything added so far is on disk. */
  whenIdle(): Promise<void> {
    if (this.#isIdle) return Promise.resolve()
    return new Promise((resolve) => this.#idleWaiters.push(resolve))
  }

  get #isIdle(): boolean {
    return this.#dirty.size === 0 && this.#occupied.size === 0 && !this.#isRunning
  }

  #noteIdle(): void {
    if (this.#isIdle) for (const resolve of this.#idleWaiters.splice(0)) resolve()
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
    this.#noteIdle()
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
  async #writeBatch(dirty: readonly CommitSource[]): Promise<void> {
    this.#dirty.clear()
    this.#hasLeftOver = false
    const sources: CommitSource[] = []
    const taken: (readonly PendingUpdate[])[] = []
    let batchBytes = 0
    for (const source of dirty) {
      const before = source.pendingBytes
      const updates = source.takePending(this.#options)
      const bytes = before - source.pendingBytes
      if (updates.length === 1 && bytes > this.#options.partBytes) {
        void this.#writeLarge(source, updates)
        continue
      }
      sources.push(source)
      taken.push(updates)
      batchBytes += bytes
      if (source.pendingBytes === 0) continue
      this.#dirty.add(source)
      this.#hasLeftOver = true
    }
    if (sources.length === 0) return
    // Of batches alone: how long a large update takes to be shown says nothing of the next letter.
    this.#fanOutMs = await this.#write(sources, taken, batchBytes)
    this.#shownAtMs = performance.now()
  }

  /** Writes a large update beside the batches; what its source has got meanwhile comes after it. Never rejects. */
  async #writeLarge(source: CommitSource, updates: readonly PendingUpdate[]): Promise<void> {
    this.#occupied.add(source)
    await this.#write([source], [updates], updates[0]?.bytes.length ?? 0)
    this.#occupied.delete(source)
    if (source.pendingBytes > 0) this.add(source, 0)
    else this.#noteIdle()
  }

  /** Resolves when what was `taken` from each of `sources` is on disk and shown, with how many milliseconds showing took. */
  async #write(
    sources: readonly CommitSource[],
    taken: readonly (readonly PendingUpdate[])[],
    bytes: number,
  ): Promise<number> {
    const firstSeqs = await this.#commit({
      documents: sources.map(({ handle }, at) => ({ handle, updates: taken[at] ?? [] })),
    })
    this.#unwrittenBytes -= bytes
    const committedMs = performance.now()
    sources.forEach((source, at) => source.committed(taken[at] ?? [], firstSeqs[at] ?? (0 as Seq)))
    return performance.now() - committedMs
  }

  async #commit(batch: Batch): Promise<readonly Seq[]> {
    for (
      let delayMs = this.#options.retryCommitMinMs;
      ;
      delayMs = Math.min(delayMs * 2, this.#options.retryCommitMaxMs)
    ) {
      try {
        const firstSeqs = await this.#store.commit(batch)
        this.#succeeded(batch)
        return firstSeqs
      } catch (thrown) {
        this.#failed(batch, thrown)
        await pause(delayMs)
      }
    }
  }

  #failed(batch: Batch, thrown: unknown): void {
    this.#failing.add(batch)
    const documents = batch.documents.length
    const { code, message } = asSyncError(thrown, 'storage-failed')
    const trouble = code === 'storage-full' ? code : 'storage-failed'
    if (this.#trouble?.code === trouble) return
    this.#trouble = { code: trouble, sinceMs: this.#trouble?.sinceMs ?? Date.now() }
    this.#log.error('commits failed; updates are kept in memory and tried again', { code, message, documents })
    this.#onTrouble(trouble)
  }

  #succeeded(batch: Batch): void {
    if (this.#trouble === null) return
    this.#failing.delete(batch)
    if (this.#failing.size > 0) return
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
    const bytes = updates[count]?.bytes.length ?? 0
    if (bytes > share.partBytes) return Math.max(count, 1)
    left -= bytes
    if (left < 0 && count > 0) return count
  }
  return max
}

async function pause(ms: number): Promise<void> {
  if (ms >= MIN_PAUSE_MS) await new Promise((resolve) => setTimeout(resolve, ms))
}
