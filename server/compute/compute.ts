/** The compute port on worker threads. */
import { SyncError } from '../../shared/errors.ts'
import type { Compute } from '../ports/compute.ts'
import type { Job, JobResults } from './jobs.ts'
import { ThreadPool } from './pool.ts'
import { copyForTransfer } from './transfer.ts'
import type { Answer } from './worker.ts'

export interface ComputeOptions {
  readonly threads: number
  /** How long one job may run; a thread that takes longer is replaced. */
  readonly jobTimeoutMs: number
  /** How many jobs may wait for a thread. */
  readonly maxQueuedJobs: number
  /** About how many bytes each update of a snapshot or diff has. */
  readonly chunkBytes: number
}

/** Threads start with their first job and keep no process alive while they have none. */
export function createCompute(options: ComputeOptions): Compute {
  const { chunkBytes, ...poolOptions } = options
  const pool = new ThreadPool({ ...poolOptions, entry: new URL('./worker.js', import.meta.url) })

  async function run<Name extends Job['name']>(job: Job & { readonly name: Name }): Promise<JobResults[Name]> {
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
    close: () => pool.close(),
  }
}
