/**
 * Keeping the write-ahead log short without making a commit wait for it.
 *
 * A thread of its own moves the log into the database file while commits go on. What they add meanwhile is little, and is
 * moved here: only when nothing is left does the next commit begin the log anew. The thread is started when the log has
 * grown long, and ended when it was not needed for a while: it takes ten megabytes.
 */
import { Worker } from 'node:worker_threads'
import { SyncError } from '../../shared/errors.ts'
import type { CheckpointAnswer, CheckpointRequest } from './checkpoint-thread.ts'
import { PAGE_BYTES, sqliteError } from './database.ts'
import type { WriteAheadLog } from './write-ahead-log.ts'

/** This part of what a checkpoint is due after is moved here: 256 KiB of 8 MiB, which take some milliseconds. */
const LITTLE = 1 / 32

/** When the log has grown by this multiple while it is moved, commits wait for the rest: the thread does not keep up. */
const MUCH = 2

/** A busy server needs the thread again by then; starting one takes some thirty milliseconds. */
const KEEP_MS = 1_000

/** It runs a few lines; SQLite's memory is outside of its heap. */
const HEAP = { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 1 }

export class Checkpoints {
  readonly #file: string
  readonly #log: () => WriteAheadLog
  /** In pages. */
  readonly #dueAfter: number
  #worker: Worker | null = null
  /** Resolves when a thread that was told to end has done so. */
  #ending: Promise<void> | null = null
  #idleTimer: NodeJS.Timeout | null = null
  #settle: ((answer: CheckpointAnswer) => void) | null = null
  #running: Promise<void> | null = null
  /** How long the log was when it was last moved: it stays that long while somebody reads. 0 when it was begun anew. */
  #movedAt = 0
  #isStopped = false

  /**
   * `dueAfterBytes` is how much the log grows before it is moved; `log` is that of the current connection, and throws while
   * that may not be written.
   */
  constructor(file: string, dueAfterBytes: number, log: () => WriteAheadLog) {
    this.#file = file
    this.#dueAfter = Math.ceil(dueAfterBytes / PAGE_BYTES)
    this.#log = log
  }

  /** Whether there is a thread, which has the database open. */
  get hasThread(): boolean {
    return this.#worker !== null
  }

  /** Whether the log has grown long. Takes two microseconds. */
  isDue(): boolean {
    if (this.#running !== null || this.#isStopped) return false
    const { written } = this.#log().extent()
    if (written < this.#movedAt) this.#movedAt = 0
    return written - this.#movedAt >= this.#dueAfter
  }

  /** Moves the log, so that the next commit begins it anew unless somebody is reading. Throws what SQLite throws. */
  run(): Promise<void> {
    this.#running ??= this.#move().finally(() => {
      this.#running = null
    })
    return this.#running
  }

  /**
   * Moves the log and gives back its space; false when someone is reading right now. To be called when nobody writes: no
   * thread is started for it.
   */
  async empty(): Promise<boolean> {
    await this.#running
    return this.#log().truncate()
  }

  /** Lets the thread finish what it was told to do; resolves when it has ended. Nothing to do when there is none. */
  async endThread(): Promise<void> {
    clearTimeout(this.#idleTimer ?? undefined)
    const worker = this.#worker
    if (worker === null) return
    this.#ending ??= new Promise((resolve) => {
      worker.once('exit', () => {
        this.#ending = null
        resolve()
      })
      tell(worker, 'end')
    })
    await this.#ending
  }

  /** Moves nothing more; resolves when the thread has ended. */
  async stop(): Promise<void> {
    this.#isStopped = true
    await this.endThread()
  }

  async #move(): Promise<void> {
    let { written, moved } = this.#log().extent()
    this.#movedAt = written
    const tooLong = written + MUCH * this.#dueAfter
    // When a turn moves nothing, somebody is reading.
    for (let before = -1; moved > before && written - moved > LITTLE * this.#dueAfter && written < tooLong;) {
      before = moved
      // Each turn takes a part of the time of the one before, so there is less and less to do.
      await this.#moveInThread()
      if (this.#isStopped) return
      ;({ written, moved } = this.#log().extent())
    }
    this.#log().move()
    this.#movedAt = written
  }

  async #moveInThread(): Promise<void> {
    await this.#ending
    if (this.#isStopped) return
    clearTimeout(this.#idleTimer ?? undefined)
    const worker = (this.#worker ??= this.#start())
    const answer = await new Promise<CheckpointAnswer>((resolve) => {
      this.#settle = resolve
      tell(worker, 'move')
    })
    this.#idleTimer = setTimeout(() => void this.endThread(), KEEP_MS).unref()
    if (answer === 'moved') return
    const { code, message } = answer
    throw code === null ? new SyncError('storage-failed', message) : sqliteError(code, message)
  }

  #start(): Worker {
    // The process's own flags (`--input-type`, loaders) are about its own entry.
    const options = { workerData: this.#file, name: 'weft-checkpoint', resourceLimits: HEAP, execArgv: [] }
    const worker = new Worker(new URL('./checkpoint-thread.js', import.meta.url), options)
    let reason = 'The checkpointing thread ended unexpectedly.'
    worker.on('message', (answer: CheckpointAnswer) => this.#settle?.(answer))
    worker.on('error', (cause) => {
      reason = `The checkpointing thread died: ${cause.message}`
    })
    worker.on('exit', () => {
      this.#worker = null
      this.#settle?.({ code: null, message: reason })
    })
    return worker
  }
}

function tell(worker: Worker, request: CheckpointRequest): void {
  worker.postMessage(request, [])
}
