/** The compute port on worker threads. */
import { SyncError } from '../../shared/errors.ts'
import type { Compute } from '../ports/compute.ts'
import { sendParcel } from '../threads/parcel.ts'
import { forTransfer } from '../threads/transfer.ts'
import { postContent, type PostedJob, receiveResult, type ReceivedResults } from './posting.ts'
import { ThreadPool } from './pool.ts'
import type { VerificationLimits } from './verify.ts'
import type { Answer } from './work.ts'
import type { WorkerData } from './worker.ts'

export interface ComputeOptions extends VerificationLimits {
  readonly threads: number
  /** How long one job may run; a thread that takes longer is replaced. */
  readonly jobTimeoutMs: number
  /** How many jobs may wait for a thread. */
  readonly maxQueuedJobs: number
  /** After how long without work a thread is ended, and its memory given back. */
  readonly idleThreadMs: number
  /** About how many bytes each update of a snapshot or diff has. */
  readonly chunkBytes: number
  /** How long verifying may take; other work has a longer time and threads of its own, so that nobody waits for it. */
  readonly verifyTimeoutMs: number
  /** Called when a thread has ended and none of its kind is left. */
  readonly rested?: () => void
}

/** Threads start with their first job and keep no process alive while they have none. */
export function createCompute(options: ComputeOptions): Compute {
  const { chunkBytes, verifyTimeoutMs, maxSiblingsWalked, maxUpdateParts } = options
  const entry = new URL('./worker.js', import.meta.url)
  const background: WorkerData = { isAwaited: false }
  const awaited: WorkerData = { isAwaited: true }
  const general = new ThreadPool({ ...options, entry, workerData: background })
  const verification = new ThreadPool({
    ...options,
    entry,
    workerData: awaited,
    threads: 1,
    jobTimeoutMs: verifyTimeoutMs,
  })

  async function run<Name extends PostedJob['name']>(
    name: Name,
    load: () => Promise<Omit<Extract<PostedJob, { readonly name: Name }>, 'name'>>,
    pool = general,
  ): Promise<ReceivedResults[Name]> {
    const answer = (await pool.run(async () => forTransfer({ name, ...(await load()) }))) as Answer
    if (!answer.done) throw new SyncError(answer.code, answer.message)
    // The thread answers the job it was given; its messages carry no type.
    return receiveResult(name, answer.result) as ReceivedResults[Name]
  }

  return {
    compact: (load) => run('compact', async () => ({ content: postContent(await load()), chunkBytes })),
    merge: (load) => run('merge', async () => ({ content: postContent(await load()) })),
    diff: (load, stateVector) =>
      run('diff', async () => ({
        content: postContent(await load()),
        stateVector: stateVector.slice(),
        chunkBytes,
      })),
    restore: (load) =>
      run('restore', async () => {
        const { before, after } = await load()
        return { before: sendParcel(before), after: sendParcel(after) }
      }),
    view: (load) => run('view', async () => ({ log: await load() })),
    inspect: (load) => run('inspect', async () => ({ content: postContent(await load()) })),
    verify: (load, updates) => {
      const limits = { maxSiblingsWalked, maxUpdateParts }
      // A job that is lost with several of them is asked for again with one.
      const copies = updates.map((update) => update.slice())
      return run('verify', async () => ({ content: postContent(await load()), updates: copies, limits }), verification)
    },
    adopt: (load) => run('adopt', async () => ({ copy: await load(), chunkBytes })),
    close: async () => void (await Promise.all([general.close(), verification.close()])),
  }
}
