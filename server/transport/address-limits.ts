/** What one address may take of the server: so many connections, each sending so fast. */
import { Headcount } from '../core/headcount.ts'
import { limitKeyOf } from './client-address.ts'
import { Pace, type PaceOptions } from './pace.ts'

export interface AddressLimitOptions extends PaceOptions {
  readonly maxConnectionsPerAddress: number
  /** One message may be this large, whatever the burst is. */
  readonly maxFrameBytes: number
}

/** A connection that was counted. */
export interface Guest {
  /** Null: it may send as fast as it can. */
  readonly pace: Pace | null
  /** To be called once, when it is gone. */
  leave(): void
}

const UNLIMITED: Guest = { pace: null, leave: () => undefined }

export class AddressLimits {
  readonly #options: AddressLimitOptions
  readonly #connections: Headcount

  constructor(options: AddressLimitOptions) {
    this.#options = { ...options, byteBurst: Math.max(options.byteBurst, options.maxFrameBytes) }
    this.#connections = new Headcount(options.maxConnectionsPerAddress)
  }

  /** Counts a connection; null when the address has as many as it may. */
  enter(address: string): Guest | null {
    const key = limitKeyOf(address)
    if (key === null) return UNLIMITED
    if (!this.#connections.enter(key)) return null
    return { pace: new Pace(this.#options, performance.now()), leave: () => this.#connections.leave(key) }
  }
}
