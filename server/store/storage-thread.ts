/**
 * The main thread's end of the storage thread: asks, gets answers, and starts a new thread when one died.
 *
 * A thread that dies rejects what it had not answered. A commit among that may have reached the disk; the next thread
 * is told which commit was the last that was answered, and undoes what follows it.
 */
import type { Transferable, Worker } from 'node:worker_threads'
import { SyncError } from '../../shared/errors.ts'
import { receiveError, type Answer, type EngineCalls, type Request, type StartFailure } from './engine-calls.ts'

interface Waiting {
  resolve(value: unknown): void
  reject(error: SyncError): void
}

type Result<Method extends keyof EngineCalls> = Awaited<ReturnType<EngineCalls[Method]>>

/** Deaths are counted over this long. */
const DEATH_WINDOW_MS = 60_000

export class StorageThread {
  readonly #start: () => Worker
  readonly #maxDeathsPerMinute: number
  readonly #waiting = new Map<number, Waiting>()
  #worker: Worker | null = null
  #deaths: number[] = []
  #lastId = 0

  /** `start` makes a new worker that answers `Request`s. */
  constructor(start: () => Worker, maxDeathsPerMinute: number) {
    this.#start = start
    this.#maxDeathsPerMinute = maxDeathsPerMinute
  }

  /** Asks the thread, starting it when there is none; `transfer` are buffers among `args` to hand over. */
  call<Method extends keyof EngineCalls>(
    method: Method,
    args: Parameters<EngineCalls[Method]>,
    transfer: readonly Transferable[] = [],
  ): Promise<Result<Method>> {
    return new Promise((resolve, reject) => {
      const worker = this.#running()
      const id = ++this.#lastId
      // What answers a method is that method's result.
      this.#waiting.set(id, { resolve: (value) => resolve(value as Result<Method>), reject })
      worker.postMessage({ id, method, args } satisfies Request, transfer)
    })
  }

  /** Lets the thread close its files; resolves when it has ended. Nothing to do when there is none. */
  async close(): Promise<void> {
    const worker = this.#worker
    if (worker === null) return
    const ended = new Promise((resolve) => worker.once('exit', resolve))
    try {
      await this.call('close', [])
    } finally {
      await ended
    }
  }

  #running(): Worker {
    if (this.#worker !== null) return this.#worker
    this.#deaths = this.#deaths.filter((atMs) => Date.now() - atMs < DEATH_WINDOW_MS)
    if (this.#deaths.length >= this.#maxDeathsPerMinute) {
      throw new SyncError('storage-failed', `The storage thread died ${this.#deaths.length} times within a minute.`)
    }
    const worker = this.#start()
    let reason = new SyncError('storage-failed', 'The storage thread ended unexpectedly.')
    worker.on('message', (message: Answer | StartFailure) => {
      if ('startError' in message) reason = receiveError(message.startError)
      else this.#settle(message)
    })
    worker.on('error', (cause) => {
      reason = new SyncError('storage-failed', `The storage thread died: ${cause.message}`, { cause })
    })
    worker.on('exit', () => this.#bury(reason))
    this.#worker = worker
    return worker
  }

  #settle(answer: Answer): void {
    const waiting = this.#waiting.get(answer.id)
    this.#waiting.delete(answer.id)
    if ('error' in answer) waiting?.reject(receiveError(answer.error))
    else waiting?.resolve(answer.value)
  }

  #bury(reason: SyncError): void {
    this.#worker = null
    this.#deaths.push(Date.now())
    const waiting = [...this.#waiting.values()]
    this.#waiting.clear()
    for (const call of waiting) call.reject(reason)
  }
}
