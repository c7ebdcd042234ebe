/** The compute port on worker threads. */
import { SyncError } from '../../shared/errors.ts'
import type { Compute } from '../ports/compute.ts'
import type { Job, JobResults } from './jobs.ts'
import { ThreadPool } from './pool.ts'
import type { VerificationLimits } from './verify.ts'
import { copyForTransfer } from './transfer.ts'
import type { Answer } from './worker.ts'

export interface ComputeOptions extends VerificationLimits {
  readonly threads: number
  /** How long one job may run; a thread that takes longer is replaced. */
  readonly jobTimeoutMs: number
  /** How many jobs may wait for a thread. */
  readonly maxQueuedJobs: number
  /** About how many bytes each update of a snapshot or diff has. */
  readonly chunkBytes: number
  /** How long verifying may take; other work has a longer time and threads of its own, so that nobody waits for it. */
  readonly verifyTimeoutMs: number
}

/** Threads start with their first job and keep no process alive while they have none. */
export function createCompute(options: ComputeOptions): Compute {
  const { chunkBytes, threads, jobTimeoutMs, maxQueuedJobs, verifyTimeoutMs, maxSiblingsWalked, maxUpdateParts } =
    options
  const entry = new URL('./worker.js', import.meta.url)
  const general = new ThreadPool({ entry, threads, jobTimeoutMs, maxQueuedJobs })
  const verification = new ThreadPool({ entry, threads: 1, jobTimeoutMs: verifyTimeoutMs, maxQueuedJobs })

  async function run<Name extends Job['name']>(
    job: Job & { readonly name: Name },
    pool = general,
  ): Promise<JobResults[Name]> {
    const { copy, buffers } = copyForTransfer(job)
    const answer = (await pool.run(copy, buffers)) as Answer
    if (!answer.done) throw new SyncError(answer.code, answer.message)
    // The thread answers the job it was given; its messages carry no type.
    return answer.result as JobResults[Name]
  }

  return {
    compact: ({ snapshot, tail }) => run({ name: 'compact', content: { snapshot, tail }, chunkBytes }),
    diff: ({ snapshot, tail }, stateVector) =>
      run({ name: 'diff', content: { snapshot, tail }, stateVector, chunkBytes }),
    restore: ({ before, after }) => run({ name: 'restore', before, after }),
    view: (log) => run({ name: 'view', log }),
    inspect: ({ snapshot, tail }) => run({ name: 'inspect', content: { snapshot, tail } }),
    verify: ({ snapshot, tail }, updates) => {
      const limits = { maxSiblingsWalked, maxUpdateParts }
      return run({ name: 'verify', content: { snapshot, tail }, updates, limits }, verification)
    },
    adopt: ({ updates, encoding }) => run({ name: 'adopt', copy: { updates, encoding }, chunkBytes }),
    close: async () => void (await Promise.all([general.close(), verification.close()])),
  }
}
