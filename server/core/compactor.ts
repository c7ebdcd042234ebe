/**
 * Folds the logs of rooms into snapshots, one document at a time, in a compute thread.
 *
 * A document is due when its tail has outgrown thresholds that grow with the document, so that the work spent
 * per update stays constant, and when its last member leaves, so that the next opening is cheap. While people are
 * in it, it rests between folds in proportion to what a fold takes: however busy a room, folding stays in the
 * background.
 */
import { asSyncError } from '../../shared/errors.ts'
import type { Seq } from '../../shared/ids.ts'
import type { CompactedDocument, Compute } from '../ports/compute.ts'
import type { Log } from '../ports/log.ts'
import type { Store } from '../ports/store.ts'
import type { Inspector } from './inspector.ts'
import type { Room } from './room.ts'

export interface CompactorOptions {
  readonly compactAfterUpdates: number
  readonly compactAfterBytes: number
}

/** A tail is folded when it is at least this part of the last snapshot: geometric, so amortised constant per byte. */
const TAIL_PART_OF_SNAPSHOT = 0.5

/** A document in which people are is folded for at most a two-hundredth of the time. */
const FOLD_REST = 200

export interface CompactorDependencies {
  readonly store: Store
  readonly compute: Compute
  readonly log: Log
  readonly options: CompactorOptions
  /** Told of every document that could not be folded. */
  readonly inspector: Inspector
}

export class Compactor {
  readonly #store: Store
  readonly #compute: Compute
  readonly #log: Log
  readonly #options: CompactorOptions
  readonly #inspector: Inspector
  readonly #waiting = new Set<Room>()
  /** Until when a document rests, on the clock of `performance.now()`. */
  readonly #restsUntilMs = new WeakMap<Room, number>()
  /** A document that could not be folded is tried again only when its tail has doubled. */
  readonly #failedAtUpdates = new WeakMap<Room, number>()
  #running: Promise<void> | null = null
  #isClosed = false

  constructor({ store, compute, log, options, inspector }: CompactorDependencies) {
    this.#store = store
    this.#compute = compute
    this.#log = log
    this.#options = options
    this.#inspector = inspector
  }

  /** Queues the room when it is due. */
  consider(room: Room): void {
    if (this.#isClosed || !this.#isDue(room)) return
    this.#waiting.add(room)
    this.#running ??= this.#run()
  }

  /** Whether work on `room` is under way or queued. */
  isBusyWith(room: Room): boolean {
    return this.#waiting.has(room)
  }

  /** Resolves when nothing is under way. Rooms still queued are forgotten; their log holds everything. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#waiting.clear()
    await this.#running
  }

  #isDue(room: Room): boolean {
    const { tail, snapshotBytes, isFull } = room.size
    const { updates, bytes } = tail
    if (updates === 0 || updates < 2 * (this.#failedAtUpdates.get(room) ?? 0)) return false
    if (room.members === 0) return true
    if (performance.now() < (this.#restsUntilMs.get(room) ?? 0)) return false
    // What was deleted takes room until then.
    if (isFull) return true
    const { compactAfterUpdates, compactAfterBytes } = this.#options
    const enoughBytes = Math.max(compactAfterBytes, TAIL_PART_OF_SNAPSHOT * snapshotBytes)
    return bytes >= enoughBytes || (updates >= compactAfterUpdates && bytes >= TAIL_PART_OF_SNAPSHOT * enoughBytes)
  }

  async #run(): Promise<void> {
    for (const room of this.#waiting) {
      await this.#compact(room)
      this.#waiting.delete(room)
      // What came meanwhile, the leaving of the last member included, found the room at work and was not queued.
      this.consider(room)
    }
    this.#running = null
  }

  async #compact(room: Room): Promise<void> {
    const before = room.size.tail
    const startedMs = performance.now()
    try {
      const { seq, chunks, coverage, title } = await this.#fold(room)
      const { bytes } = chunks
      await this.#store.saveSnapshot(room.handle, { seq, chunks, coverage, title })
      this.#failedAtUpdates.delete(room)
      const ms = performance.now() - startedMs
      this.#restsUntilMs.set(room, startedMs + (FOLD_REST + 1) * ms)
      room.compacted(seq, before.bytes, bytes)
      this.#log.info('document compacted', {
        document: room.document,
        seq,
        bytes,
        ms: Math.round(ms),
      })
    } catch (thrown) {
      // The log is whole without the snapshot; opening the document is only slower.
      this.#failedAtUpdates.set(room, room.size.tail.updates)
      const { code, message } = asSyncError(thrown, 'job-failed')
      this.#log.error('document could not be compacted', { document: room.document, code, message })
    }
  }

  async #fold(room: Room): Promise<CompactedDocument & { readonly seq: Seq }> {
    try {
      let seq = 0 as Seq
      const compacted = await this.#compute.compact(async () => {
        const content = await this.#store.send(room.handle)
        seq = content.seq
        return content
      })
      return { ...compacted, seq }
    } catch (thrown) {
      await this.#inspector.inspect(room, asSyncError(thrown, 'job-failed'))
      throw thrown
    }
  }
}
