/** What one address may take of the server: so many connections, opened so fast, each sending so fast. */
import { Headcount } from '../core/headcount.ts'
import { limitKeyOf } from './client-address.ts'
import { Pace, type PaceOptions } from './pace.ts'
import { Spacing } from './spacing.ts'

export interface AddressLimitOptions extends PaceOptions {
  readonly maxConnectionsPerAddress: number
  /** Further handshakes wait. */
  readonly maxHandshakesPerSecond: number
  readonly handshakeBurst: number
}

/** A connection that was counted. */
export interface Guest {
  /** Null: it is read as fast as it sends. */
  readonly pace: Pace | null
  /** How long its handshake has to wait, so that many do not come at once. */
  readonly waitMs: number
  /** To be called once, when it is gone. */
  leave(): void
}

const UNLIMITED: Guest = { pace: null, waitMs: 0, leave: () => undefined }

export class AddressLimits {
  readonly #options: AddressLimitOptions
  readonly #connections: Headcount
  readonly #handshakes: Spacing

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
    return {
      pace: new Pace(this.#options, nowMs),
      waitMs: this.#handshakes.waitMs(key, nowMs),
      leave: () => this.#connections.leave(key),
    }
  }
}
