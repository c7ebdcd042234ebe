/** Compute without threads: the jobs themselves, each after a while. */
import { type Job, type JobResults, runJob } from '../../server/compute/jobs.ts'
import type { Compute, Content } from '../../server/ports/compute.ts'
import type { Life, VirtualClock } from './clock.ts'

export interface InProcessComputeOptions {
  readonly clock: VirtualClock
  readonly life: Life
  readonly delayMs: () => number
  readonly chunkBytes: number
}

const LIMITS = { maxSiblingsWalked: 100_000, maxUpdateParts: 100_000 }

/** What rooms ask for; nothing else is asked in a simulation. */
type RoomCompute = Pick<Compute, 'compact' | 'merge' | 'diff' | 'inspect' | 'verify'>

export function inProcessCompute({ clock, life, delayMs, chunkBytes }: InProcessComputeOptions): Compute {
  const pause = (): Promise<void> =>
    new Promise((resolve) => {
      clock.in(delayMs(), life, resolve)
    })
  const run = async <Name extends Job['name']>(
    load: () => Promise<Content>,
    jobOn: (content: Content) => Job & { readonly name: Name },
  ): Promise<JobResults[Name]> => {
    await pause()
    const { snapshot, tail } = await load()
    const result = runJob(jobOn({ snapshot, tail }))
    await pause()
    // The result is that of the job.
    return result as JobResults[Name]
  }
  const compute: RoomCompute = {
    compact: (load) => run(load, (content) => ({ name: 'compact', content, chunkBytes })),
    merge: (load) => run(load, (content) => ({ name: 'merge', content })),
    diff: (load, stateVector) => run(load, (content) => ({ name: 'diff', content, stateVector, chunkBytes })),
    inspect: (load) => run(load, (content) => ({ name: 'inspect', content })),
    verify: (load, updates) => run(load, (content) => ({ name: 'verify', content, updates, limits: LIMITS })),
  }
  return compute as Compute
}
