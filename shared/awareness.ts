/** y-protocols' awareness updates: what each client shows of itself, and when it said so last. */
import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'
import { decodeUtf8 } from 'lib0/string'
import { SyncError } from './errors.ts'

export interface AwarenessEntry {
  /** Yjs client id. */
  readonly client: number
  /** Higher is newer. */
  readonly clock: number
  /** The state as JSON, or `GONE`. */
  readonly json: string
}

/** The state of a client that is gone. */
export const GONE = 'null'

/**
 * Goes through an awareness update entry by entry. What is not asked for is skipped: stock clients repeat everybody's
 * states, and nearly all of them are of no interest. Everything throws `malformed-frame`.
 */
export class AwarenessReader {
  /** Of the present entry. */
  client = 0
  clock = 0
  /** How long its JSON is, in bytes. */
  jsonBytes = 0
  readonly #decoder: decoding.Decoder
  #left: number

  constructor(payload: Uint8Array) {
    this.#decoder = decoding.createDecoder(payload)
    this.#left = this.#read(decoding.readVarUint)
  }

  /** Goes to the next entry; false when there are no more. */
  next(): boolean {
    this.#decoder.pos += this.jsonBytes
    this.jsonBytes = 0
    if (this.#left === 0) return false
    this.#left--
    this.client = this.#read(decoding.readVarUint)
    this.clock = this.#read(decoding.readVarUint)
    this.jsonBytes = this.#read(decoding.readVarUint)
    if (this.#decoder.pos + this.jsonBytes > this.#decoder.arr.length) this.#fail(null)
    return true
  }

  /** The present entry, its JSON not looked at. */
  entry(): AwarenessEntry {
    const { client, clock, jsonBytes } = this
    const { arr, pos } = this.#decoder
    const json = this.#read(() => decodeUtf8(arr.subarray(pos, pos + jsonBytes)))
    return { client, clock, json }
  }

  #read<Value>(read: (decoder: decoding.Decoder) => Value): Value {
    try {
      return read(this.#decoder)
    } catch (cause) {
      return this.#fail(cause)
    }
  }

  #fail(cause: unknown): never {
    const { length } = this.#decoder.arr
    throw new SyncError('malformed-frame', `An awareness message of ${length} bytes cannot be read.`, { cause })
  }
}

/** `entries` as an awareness update. */
export function encodeAwareness(entries: readonly AwarenessEntry[]): Uint8Array {
  return encoding.encode((encoder) => {
    encoding.writeVarUint(encoder, entries.length)
    for (const { client, clock, json } of entries) {
      encoding.writeVarUint(encoder, client)
      encoding.writeVarUint(encoder, clock)
      encoding.writeVarString(encoder, json)
    }
  })
}
