/** Compute without threads: the jobs themselves, each after a while. */
import { compact } from '../../server/compute/compact.ts'
import { diff, merge } from '../../server/compute/diff.ts'
import { inspect } from '../../server/compute/inspect.ts'
import { verify } from '../../server/compute/verify.ts'
import { parcelOf } from '../../server/core/pieces.ts'
import type { Compute, Content } from '../../server/ports/compute.ts'
import type { StoredContent } from '../../server/ports/store.ts'
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
  const run = async <Result>(
    load: () => Promise<Content>,
    job: (content: Pick<StoredContent, 'snapshot' | 'tail'>) => Result,
  ): Promise<Result> => {
    await pause()
    const { snapshot, tail } = await load()
    const result = job({ snapshot: [...snapshot], tail: Uint8Array.from(Buffer.concat([...tail])) })
    await pause()
    return result
  }
  const compute: RoomCompute = {
    compact: (load) =>
      run(load, (content) => {
        const { chunks, ...rest } = compact(content, chunkBytes)
        return { ...rest, chunks: parcelOf(chunks) }
      }),
    merge: (load) => run(load, (content) => parcelOf([merge(content)])),
    diff: (load, stateVector) => run(load, (content) => parcelOf(diff(content, stateVector, chunkBytes))),
    inspect: (load) => run(load, (content) => inspect(content)),
    verify: (load, updates) => run(load, (content) => verify(content, updates, LIMITS)),
  }
  return compute as Compute
}
