/**
 * What the storage thread does by itself: distributing the journal before it grows large, having the write-ahead log
 * moved, and, when nobody writes, packing, giving back free pages and emptying the write-ahead log. While others write in
 * steps of a few milliseconds, so that a commit never waits longer than for one of them; emptying the log is one step.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Checkpoints } from './checkpoints.ts'
import { asStorageError } from './database.ts'
import type { Storage } from './storage.ts'

export interface HousekeepingOptions {
  /** The journal is distributed when it holds this much, or so many commits. */
  readonly maxJournalBytes: number
  readonly maxJournalRows: number
  /** How long nothing was committed before the rest is done. */
  readonly idleAfterMs: number
  /** How many updates of a document have to wait for packing before idle time is spent on it. */
  readonly packAfterUpdates: number
}

export interface HousekeepingSeams {
  /** The storage to work on, writable; throws while it cannot be. */
  readonly storage: () => Storage
  readonly checkpoints: Checkpoints
  /** Told what was thrown. */
  readonly onFailure: (thrown: unknown) => void
}

/** A step of a few milliseconds. */
const VACUUM_PAGES_PER_TURN = 1024

export class Housekeeping {
  readonly #options: HousekeepingOptions
  readonly #storage: () => Storage
  readonly #checkpoints: Checkpoints
  readonly #onFailure: (thrown: unknown) => void
  readonly #timer: NodeJS.Timeout
  /** Documents that may have something to pack. */
  readonly #unpacked: Set<number>
  #running: Promise<void> = Promise.resolve()
  #commits = 0
  #isDistributing = false
  #isStopped = false
  #failure: unknown = null

  /** `unpacked` are the documents that may have something to pack. */
  constructor(
    options: HousekeepingOptions,
    unpacked: readonly number[],
    { storage, checkpoints, onFailure }: HousekeepingSeams,
  ) {
    this.#options = options
    this.#storage = storage
    this.#checkpoints = checkpoints
    this.#onFailure = onFailure
    this.#unpacked = new Set(unpacked)
    this.#timer = setTimeout(() => this.#idle(), options.idleAfterMs)
  }

  /** Tries again what failed last, if anything did; throws when it fails still. */
  async retryFailed(): Promise<void> {
    if (this.#failure === null) return
    await this.#attempt(() => this.distribute())
    if (this.#failure !== null) throw asStorageError(this.#failure, 'Housekeeping failed')
  }

  /** To be called after every commit. */
  noteCommit(): void {
    this.#commits++
    this.#timer.refresh()
    this.noteWrite()
    const { journal } = this.#storage()
    if (journal.bytes < this.#options.maxJournalBytes && journal.rows < this.#options.maxJournalRows) return
    if (this.#isDistributing) return
    this.#isDistributing = true
    void this.#attempt(() => this.distribute()).finally(() => {
      this.#isDistributing = false
    })
  }

  /** To be called after whatever writes much. */
  noteWrite(): void {
    if (this.#checkpoints.isDue()) void this.#attempt(() => this.#checkpoints.run())
  }

  /** Moves what the journal holds to the documents' segments; commits get their turn before each step. */
  async distribute(): Promise<void> {
    do {
      await nextTurn()
      for (const document of this.#storage().distributeStep()) this.#unpacked.add(document)
      this.noteWrite()
    } while (this.#storage().journal.isDistributing)
  }

  /** Does everything there is to do, whoever writes meanwhile. */
  async tidy(): Promise<void> {
    const round = this.#tidyAfter(this.#running)
    this.#running = round.catch(() => undefined)
    await round
  }

  /** Does nothing more, once what was begun is finished. */
  async stop(): Promise<void> {
    clearTimeout(this.#timer)
    this.#isStopped = true
    await this.#running
    await this.#checkpoints.stop()
  }

  #idle(): void {
    this.#running = this.#idleAfter(this.#running)
  }

  async #tidyAfter(before: Promise<void>): Promise<void> {
    await before
    await this.distribute()
    for (const document of this.#storage().documents.unpacked(1)) this.#unpacked.add(document)
    await this.#round(1, () => false)
  }

  async #idleAfter(before: Promise<void>): Promise<void> {
    const commits = this.#commits
    await before
    await this.#attempt(async () => {
      await this.distribute()
      await this.#round(this.#options.packAfterUpdates, () => this.#isStopped || this.#commits !== commits)
    })
  }

  async #round(minUpdates: number, isCutShort: () => boolean): Promise<void> {
    for (const document of this.#unpacked) {
      while (this.#storage().packer.packOnce(document, minUpdates)) {
        this.noteWrite()
        await nextTurn()
        if (isCutShort()) return
      }
      this.#unpacked.delete(document)
      await nextTurn()
      if (isCutShort()) return
    }
    for (let left = this.#freePages(); left > 0; left = this.#freePages()) {
      this.#storage().database.exec(`PRAGMA incremental_vacuum(${VACUUM_PAGES_PER_TURN})`)
      await nextTurn()
      if (isCutShort()) return
      if (this.#freePages() >= left) break
    }
    // Whoever reads is gone the next time.
    if (!(await this.#checkpoints.empty()) && !isCutShort()) this.#timer.refresh()
  }

  #freePages(): number {
    return Number(this.#storage().database.pragma('freelist_count', { simple: true }))
  }

  /** Nobody waits for this work: what fails is tried again later, and `retryFailed` tells until it succeeded. */
  async #attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work()
      this.#failure = null
    } catch (thrown) {
      this.#failure = thrown
      this.#onFailure(thrown)
      if (!this.#isStopped) this.#timer.refresh()
    }
  }
}
