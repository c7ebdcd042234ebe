/**
 * Whoever reads or writes much does it in steps, and lets those go first who wait for a commit.
 *
 * While somebody commits, such work gets half of the thread's time: after each step it rests as long as the step took.
 * Without rests it would be the thread that everybody on the machine's cores has to wait for.
 */
import { setImmediate as nextTurn, setTimeout } from 'node:timers/promises'

/** So long after the last commit nobody is waited for any more. */
const ALONE_AFTER_MS = 100

/** What a timer can wait at least. */
const MIN_REST_MS = 1

export class Courtesy {
  #lastCommitMs = Number.NEGATIVE_INFINITY
  readonly #sleep: (ms: number) => Promise<unknown>
  #steps: Promise<void> = Promise.resolve()

  /** `sleep` for tests. */
  constructor(sleep: (ms: number) => Promise<unknown> = (ms) => setTimeout(ms)) {
    this.#sleep = sleep
  }

  /** Somebody committed. */
  noteCommit(): void {
    this.#lastCommitMs = performance.now()
  }

  /** To be awaited before each step, of some hundred kilobytes. Steps of different work take turns. */
  async turn(): Promise<void> {
    const before = this.#steps
    const mine = before.then(() => nextTurn())
    // What is done when its turn has come is done in the same turn of the event loop.
    this.#steps = mine.then(() => this.#rest(performance.now()))
    await mine
  }

  async #rest(begunMs: number): Promise<void> {
    await nextTurn()
    const nowMs = performance.now()
    if (nowMs - this.#lastCommitMs < ALONE_AFTER_MS) await this.#sleep(Math.max(MIN_REST_MS, nowMs - begunMs))
  }
}
