/**
 * Work that many ask for, of which nobody gets more than a share of the time.
 *
 * Each key has its turns: a few pieces of work at once, and after each a rest that is as many times as long as the share
 * demands. What comes meanwhile waits. Whoever asks for little never waits; what is asked for at once is spread out, so
 * that there is room in between for others.
 */
import { SyncError } from '../../shared/errors.ts'

export interface TurnsOptions {
  /** Pieces of work that are done at once for one key. */
  readonly maxAtOnce: number
  /** Pieces of work of one key that may wait; further ones are refused. */
  readonly maxWaiting: number
  /** The part of the time, in percent, that the work of one key may take. */
  readonly sharePercent: number
}

/** No rest is longer: work that took long was not all ours, a slow upload for one. */
const MAX_REST_MS = 1_000

interface Queue {
  /** Those that are taken, by work or by the rest after it. */
  taken: number
  readonly waiting: (() => void)[]
}

export class Turns {
  readonly #options: TurnsOptions
  readonly #restPerWork: number
  readonly #queues = new Map<string, Queue>()

  constructor(options: TurnsOptions) {
    this.#options = options
    this.#restPerWork = (options.maxAtOnce * 100) / options.sharePercent - 1
  }

  /** Does `work` when it is `key`'s turn. Rejects `too-many-requests` when too much waits already. */
  async run<Result>(key: string, work: () => Promise<Result>): Promise<Result> {
    await this.#enter(key)
    const startedMs = performance.now()
    try {
      return await work()
    } finally {
      const restMs = Math.min((performance.now() - startedMs) * this.#restPerWork, MAX_REST_MS)
      setTimeout(() => this.#leave(key), restMs)
    }
  }

  async #enter(key: string): Promise<void> {
    const { maxAtOnce, maxWaiting } = this.#options
    const queue = this.#queues.get(key) ?? { taken: 0, waiting: [] }
    this.#queues.set(key, queue)
    if (queue.taken < maxAtOnce) {
      queue.taken++
      return
    }
    if (queue.waiting.length >= maxWaiting) {
      throw new SyncError('too-many-requests', `${maxWaiting} requests from ${key} are waiting; try again in a moment.`)
    }
    await new Promise<void>((resolve) => queue.waiting.push(resolve))
  }

  /** The turn of whoever has waited longest. */
  #leave(key: string): void {
    const queue = this.#queues.get(key)
    if (queue === undefined) return
    const next = queue.waiting.shift()
    if (next !== undefined) return next()
    queue.taken--
    if (queue.taken === 0) this.#queues.delete(key)
  }
}
