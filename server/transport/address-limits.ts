/**
 * What one address may take of the server: so many connections, each sending so fast.
 *
 * Loopback is not limited. Whoever runs programs on this machine can do worse than send fast, and where a proxy that was
 * not named stands before the server, everybody seems to come from there.
 */
import { Headcount } from '../core/headcount.ts'
import { limitKeyOf } from './client-address.ts'
import { isLoopbackName } from './origins.ts'
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
    if (isLoopbackName(address)) return UNLIMITED
    const key = limitKeyOf(address)
    if (!this.#connections.enter(key)) return null
    return { pace: new Pace(this.#options, performance.now()), leave: () => this.#connections.leave(key) }
  }
}
