/**
 * Reads from one connection no faster than its pace, and than the time of its address allows. While it is over either, its
 * socket is not read: what it sends waits on its own side, and nothing of it is lost or refused.
 *
 * Over its pace, what one read brought is taken to its end first. Over its address' time it is held here, a read's worth at
 * most, and taken a message a turn: what others of the address used up must not be used once more by each connection.
 */
import type { AddressTime, Waiting } from './address-time.ts'
import type { Pace } from './pace.ts'

/** What `ws` and the kernel take for a read of a few bytes, and for each byte of a large one, put together and unmasked. */
const MS_PER_READ = 0.02
const MS_PER_BYTE = 1e-6

/** What is read, or not. */
export interface Source {
  /** Not where the answer to a closing handshake has to be read. */
  readonly mayPause: boolean
  pause(): void
  resume(): void
}

export interface PacedReadingParts {
  readonly source: Source
  readonly pace: Pace
  /** Shared by all connections of the address. */
  readonly time: AddressTime
}

export class PacedReading implements Waiting {
  readonly #source: Source
  readonly #pace: Pace
  readonly #time: AddressTime
  readonly #held: (() => void)[] = []
  #pause: NodeJS.Timeout | null = null
  #isInLine = false
  #whenTaken: (() => void) | null = null

  constructor({ source, pace, time }: PacedReadingParts) {
    this.#source = source
    this.#pace = pace
    this.#time = time
  }

  /** A message, or a ping, came: `take` is called now, or when it is its turn. In order. */
  onMessage(take: () => void): void {
    const nowMs = performance.now()
    this.#pace.takeMessage(nowMs)
    this.#look(nowMs)
    if (!this.#mustWait(nowMs)) return this.#take(take, nowMs)
    this.#held.push(take)
    this.#waitInLine()
  }

  /** Bytes came, of a message's middle as well. */
  onBytes(count: number): void {
    const nowMs = performance.now()
    this.#pace.takeBytes(count, nowMs)
    this.#look(nowMs)
    this.#time.spend(MS_PER_READ + count * MS_PER_BYTE, nowMs)
    if (this.#mustWait(nowMs)) this.#waitInLine()
  }

  /** Nothing more comes. `then` is called when all that came is taken. */
  end(then: () => void): void {
    if (this.#pause !== null) clearTimeout(this.#pause)
    this.#pause = null
    if (this.#held.length === 0) then()
    else this.#whenTaken = then
  }

  takeTurn(): void {
    this.#isInLine = false
    const take = this.#held.shift()
    if (take !== undefined) this.#take(take, performance.now())
    if (this.#held.length > 0) return this.#waitInLine()
    this.#whenTaken?.()
    if (this.#pause === null) this.#source.resume()
  }

  #mustWait(nowMs: number): boolean {
    return this.#source.mayPause && (this.#isInLine || this.#time.isTaken(nowMs))
  }

  #waitInLine(): void {
    if (this.#isInLine) return
    this.#isInLine = true
    this.#source.pause()
    this.#time.wait(this)
  }

  #take(take: () => void, startMs: number): void {
    take()
    const nowMs = performance.now()
    this.#time.spend(nowMs - startMs, nowMs)
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
      if (!this.#isInLine) this.#source.resume()
    }, Math.ceil(ms))
  }
}
