/** What one address may take of the server: so many connections, opened so fast, each sending so fast, and part of the time. */
import { Headcount } from '../core/headcount.ts'
import { AddressTime, type AddressTimeOptions } from './address-time.ts'
import { limitKeyOf } from './client-address.ts'
import { Pace, type PaceOptions } from './pace.ts'
import { Spacing } from './spacing.ts'

export interface AddressLimitOptions extends PaceOptions, AddressTimeOptions {
  readonly maxConnectionsPerAddress: number
  /** Further handshakes wait. */
  readonly maxHandshakesPerSecond: number
  readonly handshakeBurst: number
}

/** How fast a connection is read. */
export interface ReadingLimits {
  readonly pace: Pace
  readonly time: AddressTime
}

/** A connection that was counted. */
export interface Guest {
  /** Null: it is read as fast as it sends. */
  readonly reading: ReadingLimits | null
  /** How long its handshake has to wait, so that many do not come at once. */
  readonly waitMs: number
  /** To be called once, when it is gone. */
  leave(): void
}

const UNLIMITED: Guest = { reading: null, waitMs: 0, leave: () => undefined }

export class AddressLimits {
  readonly #options: AddressLimitOptions
  readonly #connections: Headcount
  readonly #handshakes: Spacing
  readonly #times = new Map<string, AddressTime>()

  constructor(options: AddressLimitOptions) {
    this.#options = options
    this.#connections = new Headcount(options.maxConnectionsPerAddress)
    this.#handshakes = new Spacing({ maxPerSecond: options.maxHandshakesPerSecond, burst: options.handshakeBurst })
  }

  /** Counts a connection; null when the address has as many as it may. */
  enter(address: string): Guest | null {
    const key = limitKeyOf(address)
    if (key === null) return UNLIMITED
    if (!this.#connections.enter(key)) return null
    const nowMs = performance.now()
    const time = this.#times.get(key) ?? new AddressTime(this.#options, nowMs)
    this.#times.set(key, time)
    return {
      reading: { pace: new Pace(this.#options, nowMs), time },
      waitMs: this.#handshakes.waitMs(key, nowMs),
      leave: () => {
        this.#connections.leave(key)
        this.#forget(key)
      },
    }
  }

  /** Not before it has rested: whoever comes back at once is to find what they left. */
  #forget(key: string): void {
    const restMs = this.#times.get(key)?.restMs(performance.now())
    if (restMs === undefined || this.#connections.has(key)) return
    if (restMs === 0) this.#times.delete(key)
    else setTimeout(() => this.#forget(key), restMs).unref()
  }
}
