/**
 * What somebody had when they sent a state vector, asked about few of their updates.
 *
 * A state vector may name a hundred thousand clients, and an update have megabytes; here they are read on the event loop,
 * so of large ones only as much as tells about what honest clients send.
 */
import { clockIn, decodeStateVector } from '../../shared/update/state-vector.ts'
import { UpdateReader } from '../../shared/update/update-reader.ts'

/** Above this a state vector, or an update, takes too long to be read whole. */
const LARGE_BYTES = 16 * 1024
/** Looking for one client among a hundred thousand takes a millisecond; what was made offline is by one or two. */
const MAX_SEARCHES = 4

export class KnownBefore {
  readonly #stateVector: Uint8Array
  /** Clocks as far as they are read; null: nothing is yet. */
  #clocks: Map<number, number> | null = null
  #searches = 0

  constructor(stateVector: Uint8Array) {
    this.#stateVector = stateVector
  }

  /**
   * Whether all structs of the update were there, and it has any: deletes do not show in a state vector. One made by a
   * client itself was there with its first struct or not at all, and no more is read of a large one.
   * Throws `malformed-update`.
   */
  holds(update: Uint8Array): boolean {
    const reader = new UpdateReader()
    reader.open(update)
    if (!reader.nextBlock()) return false
    do {
      const known = this.#clockOf(reader.client)
      if (update.length > LARGE_BYTES) return reader.clock < known
      while (reader.nextStruct());
      if (reader.endClock > known) return false
    } while (reader.nextBlock())
    return true
  }

  /** 0, too, for who is one too many to look for. */
  #clockOf(client: number): number {
    const stateVector = this.#stateVector
    const isLarge = stateVector.length > LARGE_BYTES
    this.#clocks ??= isLarge ? new Map() : decodeStateVector(stateVector, LARGE_BYTES)
    let clock = this.#clocks.get(client)
    if (clock === undefined && isLarge && this.#searches < MAX_SEARCHES) {
      this.#searches++
      clock = clockIn(stateVector, client)
      this.#clocks.set(client, clock)
    }
    return clock ?? 0
  }
}
