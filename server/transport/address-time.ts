/**
 * The part of the main thread's time that what one address sends may take, all its connections together.
 *
 * A message that takes milliseconds counts for what it takes, however many connections such messages come on. When the
 * time is used up, connections wait in a line until there is some again. Each turn of the event loop then is one
 * connection's: were all let go at once, all their messages would come in one turn, and everybody else behind them.
 */
import { Bucket } from './bucket.ts'

/** What takes longer did not take it all itself: the whole process was stopped, say. */
const MAX_COUNTED_MS = 250

export interface AddressTimeOptions {
  readonly messageSharePercent: number
  /** What may be taken at once after a rest. */
  readonly messageTimeBurstMs: number
}

/** Somebody in the line. */
export interface Waiting {
  /** Called once. Does one thing, counted with `spend`; for another it waits again. */
  takeTurn(): void
}

export class AddressTime {
  readonly #bucket: Bucket
  readonly #line: Waiting[] = []
  #isNextCalled = false

  constructor({ messageSharePercent, messageTimeBurstMs }: AddressTimeOptions, nowMs: number) {
    this.#bucket = new Bucket(messageSharePercent * 10, messageTimeBurstMs, nowMs)
  }

  /** Whether whoever wants something now has to wait: others do, or it is used up. */
  isTaken(nowMs: number): boolean {
    return this.#line.length > 0 || this.#bucket.waitMs(nowMs) > 0
  }

  /** Counts time that was taken. */
  spend(ms: number, nowMs: number): void {
    this.#bucket.take(Math.min(ms, MAX_COUNTED_MS), nowMs)
  }

  /** Puts somebody at the end of the line. */
  wait(waiting: Waiting): void {
    this.#line.push(waiting)
    this.#callNext()
  }

  /** How long until nothing is known of it any more that matters. */
  restMs(nowMs: number): number {
    return this.#bucket.restMs(nowMs)
  }

  #callNext(): void {
    if (this.#isNextCalled || this.#line.length === 0) return
    this.#isNextCalled = true
    const waitMs = this.#bucket.waitMs(performance.now())
    if (waitMs > 0) setTimeout(() => this.#next(), Math.ceil(waitMs))
    else setImmediate(() => this.#next())
  }

  #next(): void {
    this.#isNextCalled = false
    // Timers can be early.
    if (this.#bucket.waitMs(performance.now()) === 0) this.#line.shift()?.takeTurn()
    this.#callNext()
  }
}
