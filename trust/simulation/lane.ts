/** One direction of a connection: what is sent arrives in order, some time later, unless it is cut. */
import type { Life, VirtualClock } from './clock.ts'

export interface LaneOptions<Parcel> {
  /** Whose the far end is, and whose the near one. */
  readonly to: Life
  readonly from: Life
  readonly delayMs: () => number
  readonly arrived: (parcel: Parcel) => void
}

export class Lane<Parcel> {
  readonly #clock: VirtualClock
  readonly #options: LaneOptions<Parcel>
  readonly #under: { readonly parcel: Parcel; readonly bytes: number; readonly atMs: number }[] = []
  readonly #drained: (() => void)[] = []
  #bytes = 0
  #stalledUntilMs = 0
  #isCut = false
  #isMoving = false

  constructor(clock: VirtualClock, options: LaneOptions<Parcel>) {
    this.#clock = clock
    this.#options = options
  }

  /** Bytes that have not arrived. */
  get bytes(): number {
    return this.#bytes
  }

  send(parcel: Parcel, bytes: number): void {
    this.#bytes += bytes
    // What is cut takes bytes as long as nobody has seen it.
    if (this.#isCut) return
    this.#under.push({ parcel, bytes, atMs: this.#clock.nowMs + this.#options.delayMs() })
    this.#move()
  }

  /** Calls back when all has arrived, or nothing ever will. */
  whenDrained(callback: () => void): void {
    this.#drained.push(callback)
    this.#move()
  }

  stall(ms: number): void {
    this.#stalledUntilMs = this.#clock.nowMs + ms
  }

  /** What is under way is lost, and what is sent from now on. */
  cut(): void {
    this.#isCut = true
    this.#under.length = 0
  }

  /** Whoever waits for it to drain waits no longer. */
  release(): void {
    for (const callback of this.#drained.splice(0)) this.#clock.in(0, this.#options.from, callback)
  }

  #move(): void {
    if (this.#isMoving) return
    const next = this.#under[0]
    if (next === undefined) {
      if (this.#bytes === 0) this.release()
      return
    }
    this.#isMoving = true
    const dueMs = Math.max(next.atMs, this.#stalledUntilMs)
    this.#clock.in(Math.max(0, dueMs - this.#clock.nowMs), this.#options.to, () => this.#arrive())
  }

  #arrive(): void {
    this.#isMoving = false
    const isStalled = this.#stalledUntilMs > this.#clock.nowMs
    const next = isStalled ? undefined : this.#under.shift()
    if (next !== undefined) {
      this.#bytes -= next.bytes
      this.#options.arrived(next.parcel)
    }
    this.#move()
  }
}
