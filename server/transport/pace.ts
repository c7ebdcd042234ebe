/** How fast one connection may send: a token bucket for messages and one for bytes, which may be overdrawn and then are waited for. */
import { Bucket } from './bucket.ts'

export interface PaceOptions {
  readonly maxMessagesPerSecond: number
  /** Messages that may come at once after a rest. */
  readonly messageBurst: number
  readonly maxBytesPerSecond: number
  readonly byteBurst: number
}

export class Pace {
  readonly #messages: Bucket
  readonly #bytes: Bucket

  constructor({ maxMessagesPerSecond, messageBurst, maxBytesPerSecond, byteBurst }: PaceOptions, nowMs: number) {
    this.#messages = new Bucket(maxMessagesPerSecond, messageBurst, nowMs)
    this.#bytes = new Bucket(maxBytesPerSecond, byteBurst, nowMs)
  }

  /** Counts one message. Milliseconds of any clock that does not go back, here and below. */
  takeMessage(nowMs: number): void {
    this.#messages.take(1, nowMs)
  }

  /** Counts bytes, those of heads of messages as well. */
  takeBytes(count: number, nowMs: number): void {
    this.#bytes.take(count, nowMs)
  }

  /** How long until nothing is overdrawn; 0 when nothing is. */
  waitMs(nowMs: number): number {
    return Math.max(this.#messages.waitMs(nowMs), this.#bytes.waitMs(nowMs))
  }
}
