/**
 * How one family of clients writes on the wire. A dialect is chosen by the path of the URL, never by
 * looking at bytes, and is pure: messages to frames and back, no state and no I/O.
 */
import type { Seq } from '../../shared/ids.ts'

/** One decoded message of a client. Byte arrays are views into the message. */
export type Frame =
  | { readonly type: 'step1'; readonly stateVector: Uint8Array }
  /** The answer to our step 1. */
  | { readonly type: 'step2'; readonly update: Uint8Array }
  | { readonly type: 'update'; readonly update: Uint8Array }
  /** A y-protocols awareness update. */
  | { readonly type: 'awareness'; readonly payload: Uint8Array }
  | { readonly type: 'query-awareness' }
  /** Known and to be ignored. */
  | { readonly type: 'nothing' }

export interface Dialect {
  /** Total: any bytes become a frame or a SyncError `malformed-frame`. */
  decode(message: Uint8Array): Frame
  step1(stateVector: Uint8Array): Uint8Array
  step2(update: Uint8Array): Uint8Array
  update(update: Uint8Array): Uint8Array
  awareness(payload: Uint8Array): Uint8Array
  /** A message that changes nothing, for watchdogs that want to hear something now and then. */
  keepAlive(): Uint8Array
  /**
   * The first `frames` step-2 and update messages of this connection are on disk; null where the
   * fan-out's echo already says so.
   */
  saved(frames: number, seq: Seq): Uint8Array | null
}
