/**
 * Reads from one connection no faster than its pace. While it is over it, its socket is not read: what it sends waits on its
 * own side, and nothing of it is lost or refused. What one read brought is taken to its end, and waited for afterwards.
 */
import type { Pace } from './pace.ts'

/** What is read, or not. */
export interface Source {
  pause(): void
  resume(): void
}

export class PacedReading {
  readonly #source: Source
  readonly #pace: Pace
  #pause: NodeJS.Timeout | null = null

  constructor(source: Source, pace: Pace) {
    this.#source = source
    this.#pace = pace
  }

  /** A message, or a ping, came. */
  tookMessage(): void {
    const nowMs = performance.now()
    this.#pace.takeMessage(nowMs)
    this.#look(nowMs)
  }

  /** Bytes came, of a message's middle as well. */
  tookBytes(count: number): void {
    const nowMs = performance.now()
    this.#pace.takeBytes(count, nowMs)
    this.#look(nowMs)
  }

  /** Nothing is to be read or held up any more. */
  stop(): void {
    if (this.#pause !== null) clearTimeout(this.#pause)
    this.#pause = null
  }

  #look(nowMs: number): void {
    if (this.#pause !== null) return
    const waitMs = this.#pace.waitMs(nowMs)
    if (waitMs === 0) return
    this.#source.pause()
    this.#wait(waitMs)
  }

  #wait(ms: number): void {
    this.#pause = setTimeout(() => {
      const waitMs = this.#pace.waitMs(performance.now())
      if (waitMs > 0) return this.#wait(waitMs)
      this.#pause = null
      this.#source.resume()
    }, Math.ceil(ms))
  }
}
