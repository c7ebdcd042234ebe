/** How fast one connection may send: a token bucket for messages and one for bytes, which share a clock. */

export interface PaceOptions {
  readonly maxMessagesPerSecond: number
  /** Messages that may come at once after a rest. */
  readonly messageBurst: number
  readonly maxBytesPerSecond: number
  readonly byteBurst: number
}

export class Pace {
  readonly #options: PaceOptions
  #messages: number
  #bytes: number
  #atMs: number

  constructor(options: PaceOptions, nowMs: number) {
    this.#options = options
    this.#messages = options.messageBurst
    this.#bytes = options.byteBurst
    this.#atMs = nowMs
  }

  /** Counts one message; what is exceeded by it, or null. Milliseconds of any clock that does not go back. */
  take(bytes: number, nowMs: number): 'too-many-messages' | 'too-many-bytes' | null {
    const { maxMessagesPerSecond, messageBurst, maxBytesPerSecond, byteBurst } = this.#options
    const seconds = (nowMs - this.#atMs) / 1_000
    this.#atMs = nowMs
    this.#messages = Math.min(messageBurst, this.#messages + seconds * maxMessagesPerSecond) - 1
    this.#bytes = Math.min(byteBurst, this.#bytes + seconds * maxBytesPerSecond) - bytes
    if (this.#messages < 0) return 'too-many-messages'
    return this.#bytes < 0 ? 'too-many-bytes' : null
  }
}
