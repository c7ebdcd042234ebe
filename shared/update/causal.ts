/**
 * The order in which an update's blocks can be applied one run of structs after the other, so that each run finds
 * what it refers to. Iterative and linear in the update's needs.
 */
import { SyncError } from '../errors.ts'

/** What has to be known of an update to order it; see `UpdateShape`. */
export interface Dependencies {
  readonly blocks: readonly number[]
  readonly blockCount: number
  readonly needs: readonly number[]
  readonly needClocks: readonly number[]
  readonly needEnds: readonly number[]
  findBlock(client: number): number
}

/**
 * Calls `emit` with runs of structs (block index, first clock, end clock) that together are the whole update; what
 * a run refers to inside the update was emitted before it, what is outside counts as there.
 * Throws `malformed-update` when blocks wait for each other in a circle.
 */
export function causalRuns(shape: Dependencies, emit: (block: number, clock: number, endClock: number) => void): void {
  const { blocks, blockCount, needs, needClocks, needEnds } = shape
  const reached = new Float64Array(blockCount)
  const nextNeed = new Uint32Array(blockCount)
  const isWaiting = new Uint8Array(blockCount)
  for (let block = 0; block < blockCount; block++) {
    reached[block] = blocks[block * 3 + 1] ?? 0
    nextNeed[block] = block === 0 ? 0 : (needEnds[block - 1] ?? 0)
  }

  /** The block that has to go on before `need` is met, or -1 when it is met or not this update's business. */
  function blockerOf(need: number): number {
    const clock = needs[need * 2 + 1] ?? 0
    const blocker = shape.findBlock(needs[need * 2] ?? 0)
    if (blocker === -1 || clock < (reached[blocker] ?? 0) || clock >= (blocks[blocker * 3 + 2] ?? 0)) return -1
    return blocker
  }

  /** Emits all of `block` that can go now; returns the block it waits for, or -1 when it is through. */
  function advance(block: number): number {
    const lastNeed = needEnds[block] ?? 0
    let need = nextNeed[block] ?? 0
    let blocker = -1
    while (need < lastNeed && (blocker = blockerOf(need)) === -1) need++
    nextNeed[block] = need
    const clock = reached[block] ?? 0
    const endClock = blocker === -1 ? (blocks[block * 3 + 2] ?? 0) : (needClocks[need] ?? 0)
    if (endClock > clock) emit(block, clock, endClock)
    reached[block] = endClock
    return blocker
  }

  for (let first = 0; first < blockCount; first++) {
    const waiting = [first]
    isWaiting[first] = 1
    for (let block = first; waiting.length > 0; block = waiting.at(-1) ?? first) {
      const blocker = advance(block)
      if (blocker === -1 || isFarEnough(waiting.at(-2))) {
        waiting.pop()
        isWaiting[block] = 0
        continue
      }
      if (isWaiting[blocker] === 1) {
        throw new SyncError('malformed-update', 'The update holds structs that wait for each other.')
      }
      isWaiting[blocker] = 1
      waiting.push(blocker)
    }
  }

  /** Whether the block that waited for the present one can go on; the present one need not be through for that. */
  function isFarEnough(waiter: number | undefined): boolean {
    return waiter !== undefined && blockerOf(nextNeed[waiter] ?? 0) === -1
  }
}
