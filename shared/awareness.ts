/** y-protocols' awareness updates: what each client shows of itself, and when it said so last. */
import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'
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
 * The entries of an awareness update; their JSON is not looked at. Throws `malformed-frame`, also when there are more
 * than `maxEntries`.
 */
export function decodeAwareness(payload: Uint8Array, maxEntries: number): AwarenessEntry[] {
  try {
    const decoder = decoding.createDecoder(payload)
    const entries: AwarenessEntry[] = []
    const count = decoding.readVarUint(decoder)
    if (count > maxEntries) throw new RangeError(`It holds ${count} states; the limit is ${maxEntries}.`)
    for (let left = count; left > 0; left--) {
      const client = decoding.readVarUint(decoder)
      const clock = decoding.readVarUint(decoder)
      entries.push({ client, clock, json: decoding.readVarString(decoder) })
    }
    return entries
  } catch (cause) {
    throw new SyncError('malformed-frame', `An awareness message of ${payload.length} bytes cannot be read.`, { cause })
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
