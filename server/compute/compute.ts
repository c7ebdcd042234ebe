/** The compute port on worker threads. */
import { SyncError } from '../../shared/errors.ts'
import type { Compute, Content } from '../ports/compute.ts'
import type { Job, JobResults } from './jobs.ts'
import { ThreadPool } from './pool.ts'
import type { VerificationLimits } from './verify.ts'
import { forTransfer } from './transfer.ts'
import type { Answer } from './worker.ts'

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
}

/** Threads start with their first job and keep no process alive while they have none. */
export function createCompute(options: ComputeOptions): Compute {
  const { chunkBytes, verifyTimeoutMs, maxSiblingsWalked, maxUpdateParts } = options
  const entry = new URL('./worker.js', import.meta.url)
  const general = new ThreadPool({ ...options, entry })
  const verification = new ThreadPool({ ...options, entry, threads: 1, jobTimeoutMs: verifyTimeoutMs })

  async function run<Name extends Job['name']>(
    load: () => Promise<Job & { readonly name: Name }>,
    pool = general,
  ): Promise<JobResults[Name]> {
    const answer = (await pool.run(async () => forTransfer(await load()))) as Answer
    if (!answer.done) throw new SyncError(answer.code, answer.message)
    // The thread answers the job it was given; its messages carry no type.
    return answer.result as JobResults[Name]
  }

  return {
    compact: (load) => run(async () => ({ name: 'compact', content: contentIn(await load()), chunkBytes })),
    merge: (load) => run(async () => ({ name: 'merge', content: contentIn(await load()) })),
    diff: (load, stateVector) =>
      run(async () => ({
        name: 'diff',
        content: contentIn(await load()),
        stateVector: stateVector.slice(),
        chunkBytes,
      })),
    restore: (load) => run(async () => ({ name: 'restore', ...(await load()) })),
    view: (load) => run(async () => ({ name: 'view', log: await load() })),
    inspect: (load) => run(async () => ({ name: 'inspect', content: contentIn(await load()) })),
    verify: (load, updates) => {
      const limits = { maxSiblingsWalked, maxUpdateParts }
      // A job that is lost with several of them is asked for again with one.
      const copies = updates.map((update) => update.slice())
      return run(
        async () => ({ name: 'verify', content: contentIn(await load()), updates: copies, limits }),
        verification,
      )
    },
    adopt: (load) => run(async () => ({ name: 'adopt', copy: await load(), chunkBytes })),
    close: async () => void (await Promise.all([general.close(), verification.close()])),
  }
}

/** The content alone, of whatever came with it. */
function contentIn({ snapshot, tail }: Content): Content {
  return { snapshot, tail }
}
