/**
 * A few threads that do jobs, one each at a time.
 *
 * A job that hangs or brings its thread down costs that thread: it is replaced when the next job needs one, and
 * everything else goes on. It knows messages and answers, not what the jobs are.
 */
import { Worker } from 'node:worker_threads'
import { asSyncError, SyncError } from '../../shared/errors.ts'
import { discard, type Message } from '../threads/transfer.ts'

export interface PoolOptions {
  /** The file that every thread runs; it posts one answer for each message. */
  readonly entry: URL
  /** What every thread is started with. */
  readonly workerData?: unknown
  readonly threads: number
  /** How long one job may run once a thread has its message. */
  readonly jobTimeoutMs: number
  /** How many jobs may wait for a thread; further ones are refused as `overloaded`. */
  readonly maxQueuedJobs: number
  /** After how long without a job a thread is ended: its heap is as large as its largest job was. */
  readonly idleThreadMs: number
  /** Called when a thread has ended, none is left, and what they needed is free; not when the pool is closed. */
  readonly rested?: () => void
}

interface PendingJob {
  readonly prepare: () => Promise<Message>
  readonly resolve: (answer: unknown) => void
  readonly reject: (error: SyncError) => void
}

/** A thread that works off one job after the other until it is lost. */
interface Thread {
  readonly worker: Worker
  /** `deadline` is null while its message is prepared. */
  job: { readonly pending: PendingJob; deadline: NodeJS.Timeout | null } | null
  /** Ends it; null while it has a job. */
  idleTimer: NodeJS.Timeout | null
}

export class ThreadPool {
  readonly #options: PoolOptions
  readonly #threads = new Set<Thread>()
  readonly #queue: PendingJob[] = []
  #isClosed = false

  constructor(options: PoolOptions) {
    this.#options = options
  }

  /**
   * What the thread answers to a message that is prepared when it is free. Rejects `job-timed-out`, `job-failed`,
   * `overloaded`, `shutting-down`, and what `prepare` rejects with.
   */
  run(prepare: () => Promise<Message>): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const pending = { prepare, resolve, reject }
      if (this.#isClosed) return reject(shuttingDown())
      const thread = this.#freeThread()
      if (thread !== null) return this.#start(thread, pending)
      if (this.#queue.length < this.#options.maxQueuedJobs) return void this.#queue.push(pending)
      reject(new SyncError('overloaded', `${this.#queue.length} jobs are waiting for a thread; try again later.`))
    })
  }

  /** Gives up all jobs, which reject `shutting-down`, and resolves when every thread has ended. */
  async close(): Promise<void> {
    this.#isClosed = true
    for (const pending of this.#queue.splice(0)) pending.reject(shuttingDown())
    const threads = [...this.#threads]
    for (const thread of threads) this.#lose(thread, shuttingDown())
    await Promise.all(threads.map(({ worker }) => worker.terminate()))
  }

  #freeThread(): Thread | null {
    for (const thread of this.#threads) if (thread.job === null) return thread
    return this.#threads.size < this.#options.threads ? this.#spawn() : null
  }

  #spawn(): Thread {
    // The process's own flags (`--input-type`, loaders) are about its own entry.
    const worker = new Worker(this.#options.entry, { execArgv: [], workerData: this.#options.workerData })
    const thread: Thread = { worker, job: null, idleTimer: null }
    worker.on('message', (answer: unknown) => this.#free(thread)?.pending.resolve(answer))
    worker.on('error', (error) => this.#lose(thread, new SyncError('job-failed', error.message, { cause: error })))
    // A job that is too much for its thread ends it with an error. Without one it is not the job's fault.
    worker.on('exit', () => {
      this.#lose(thread, new SyncError('overloaded', 'A compute thread was ended; try again.'))
      if (this.#threads.size === 0 && !this.#isClosed) this.#options.rested?.()
    })
    this.#threads.add(thread)
    return thread
  }

  #start(thread: Thread, pending: PendingJob): void {
    const job: NonNullable<Thread['job']> = { pending, deadline: null }
    thread.job = job
    clearTimeout(thread.idleTimer ?? undefined)
    // A waiting promise keeps no process alive, a thread at work does.
    thread.worker.ref()
    pending.prepare().then(
      (message) => {
        if (thread.job !== job) return discard(message)
        job.deadline = this.#deadlineOf(thread)
        thread.worker.postMessage(message.body, message.transfer)
      },
      (thrown: unknown) => {
        if (thread.job === job) this.#free(thread)?.pending.reject(asSyncError(thrown, 'job-failed'))
      },
    )
  }

  #deadlineOf(thread: Thread): NodeJS.Timeout {
    const { jobTimeoutMs } = this.#options
    return setTimeout(() => {
      this.#lose(thread, new SyncError('job-timed-out', `The job took longer than ${jobTimeoutMs} ms.`))
      void thread.worker.terminate() // Its end is of no interest to anyone: the thread is forgotten already.
    }, jobTimeoutMs)
  }

  /** Gives the thread its next job; returns the one it had. */
  #free(thread: Thread): Thread['job'] {
    const job = takeJob(thread)
    thread.worker.unref()
    const next = this.#queue.shift()
    if (next !== undefined) this.#start(thread, next)
    else thread.idleTimer = setTimeout(() => this.#end(thread), this.#options.idleThreadMs).unref()
    return job
  }

  /** Forgets a thread and what it holds; the next job starts another. */
  #end(thread: Thread): void {
    this.#threads.delete(thread)
    void thread.worker.terminate() // It has nothing to do, and nobody waits for its end.
  }

  /** Forgets a thread that is no good any more. */
  #lose(thread: Thread, reason: SyncError): void {
    if (!this.#threads.delete(thread)) return
    clearTimeout(thread.idleTimer ?? undefined)
    takeJob(thread)?.pending.reject(reason)
    const next = this.#queue.shift()
    if (next !== undefined) this.#start(this.#spawn(), next)
  }
}

function takeJob(thread: Thread): Thread['job'] {
  const { job } = thread
  thread.job = null
  clearTimeout(job?.deadline ?? undefined)
  return job
}

function shuttingDown(): SyncError {
  return new SyncError('shutting-down', 'The server is stopping; try again when it is back.')
}
