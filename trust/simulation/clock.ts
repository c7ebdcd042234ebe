/**
 * Virtual time: it moves only when nothing is left to do at the present moment, and everything that happens does so in
 * an order that depends on nothing but what was asked for. Timers, immediates, `Date.now` and `performance.now` of the
 * whole process go by it once it is installed, and whatever reads the clock has to be loaded after that.
 *
 * A timer belongs to the life in which it was set: that of a server, or of a page. A life that is over does nothing more.
 */

/** A server from its start to its crash, or a page until it is closed: at its end all its timers go with it. */
export class Life {
  #isOver = false

  get isOver(): boolean {
    return this.#isOver
  }

  end(): void {
    this.#isOver = true
  }
}

class Timer {
  readonly atMs: number
  readonly life: Life | null
  readonly action: () => void
  isCancelled = false

  constructor(atMs: number, life: Life | null, action: () => void) {
    this.atMs = atMs
    this.life = life
    this.action = action
  }

  // Nothing here keeps a process alive, but code may ask.
  unref(): this {
    return this
  }

  ref(): this {
    return this
  }
}

interface Repeated {
  timer: Timer
}

/** Every seed begins at the same moment. */
const BEGINNING_MS = Date.UTC(2026, 0, 1)

const nextTurn = setImmediate

export class VirtualClock {
  #nowMs = BEGINNING_MS
  /** The last one is due first. */
  #timers: Timer[] = []
  #life: Life | null = null

  get nowMs(): number {
    return this.#nowMs
  }

  /** From now on this process' time is this one's. */
  install(): void {
    const set = (action: (...given: unknown[]) => void, ms = 0, ...given: unknown[]): Timer =>
      this.in(Math.max(ms, 1), this.#life, () => action(...given))
    const repeat = (action: (...given: unknown[]) => void, ms = 0, ...given: unknown[]): Repeated => {
      const repeated: Repeated = {
        timer: set(function again() {
          repeated.timer = set(again, ms)
          action(...given)
        }, ms),
      }
      return repeated
    }
    const immediate = (action: (...given: unknown[]) => void, ...given: unknown[]): Timer =>
      this.in(0, this.#life, () => action(...given))
    Object.assign(globalThis, {
      setTimeout: set,
      clearTimeout: clear,
      setInterval: repeat,
      clearInterval: clear,
      setImmediate: immediate,
      clearImmediate: clear,
    })
    Date.now = () => Math.floor(this.#nowMs)
    performance.now = () => this.#nowMs - BEGINNING_MS
  }

  /** Forgets what was to happen and goes back to the beginning. */
  reset(): void {
    this.#timers = []
    this.#nowMs = BEGINNING_MS
  }

  /** Calls `action` in `ms`, as a part of `life`, unless that is over by then. */
  in(ms: number, life: Life | null, action: () => void): Timer {
    const timer = new Timer(this.#nowMs + ms, life, action)
    let [low, high] = [0, this.#timers.length]
    while (low < high) {
      const middle = (low + high) >> 1
      // Of two that are due at once the one that was asked for first comes first.
      if ((this.#timers[middle]?.atMs ?? 0) > timer.atMs) low = middle + 1
      else high = middle
    }
    this.#timers.splice(low, 0, timer)
    return timer
  }

  /** Lets everything happen that is due within `ms`, or until `isDone`. */
  async pass(ms: number, isDone: () => boolean): Promise<void> {
    const untilMs = this.#nowMs + ms
    while (!isDone()) {
      const timer = this.#timers.at(-1)
      if (timer === undefined || timer.atMs > untilMs) {
        this.#nowMs = untilMs
        return
      }
      this.#timers.pop()
      if (timer.isCancelled || timer.life?.isOver === true) continue
      this.#nowMs = timer.atMs
      this.#life = timer.life
      timer.action()
      // Promises settle before anything else happens, and what they do is a part of the same life.
      await new Promise((resolve) => nextTurn(resolve))
      this.#life = null
    }
  }
}

function clear(timer: unknown): void {
  if (timer instanceof Timer) timer.isCancelled = true
  else if (typeof timer === 'object' && timer !== null) (timer as Repeated).timer.isCancelled = true
}
