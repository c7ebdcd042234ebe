/**
 * How one family of clients writes on the wire. A dialect is chosen by the path of the URL, never by
 * looking at bytes, and does no I/O. Only what it has acknowledged is remembered, for each session apart.
 */
import type { ErrorCode } from '../../shared/errors.ts'
import type { Seq } from '../../shared/ids.ts'
import type { AccessNotice, StorageTrouble } from '../../shared/protocol.ts'

/** One decoded message of a client. Byte arrays are views into the message. */
export type Frame =
  | { readonly type: 'step1'; readonly stateVector: Uint8Array }
  /** The answer to our step 1. */
  | { readonly type: 'step2'; readonly update: Uint8Array }
  | { readonly type: 'update'; readonly update: Uint8Array }
  /** A y-protocols awareness update. */
  | { readonly type: 'awareness'; readonly payload: Uint8Array }
  | { readonly type: 'query-awareness' }
  /** Asks to be answered with `payload` when everything sent before is on disk. */
  | { readonly type: 'query-saved'; readonly payload: Uint8Array }
  /** A fresh token. */
  | { readonly type: 'token'; readonly token: string }
  /** Known and to be ignored. */
  | { readonly type: 'nothing' }

/** Tells one client what is on disk, in the way its family understands. */
export interface Acknowledgements {
  /**
   * A frame was taken. It is number `frames` of this client's step-2 and update frames, counted from 1, or came
   * after so many. Returns the messages to answer at once.
   */
  received(frame: Frame, frames: number): readonly Uint8Array[]
  /**
   * Frame number `frames` was not taken: the client may not write what it holds. Comes after its `received` and before
   * any `saved` that counts it. Returns the messages that say so.
   */
  refused(frames: number, reason: ErrorCode): readonly Uint8Array[]
  /** The first `frames` step-2 and update frames are on disk or refused; returns the messages that say so. */
  saved(frames: number, seq: Seq): readonly Uint8Array[]
  /** Nothing can be saved until this is called with null; returns the messages that say so. */
  storageChanged(trouble: StorageTrouble | null): readonly Uint8Array[]
}

export interface Dialect {
  /**
   * When the server sends its step 1: once, as soon as the client joins, or after each step 2 that it sends.
   * A client that counts what is unsaved from its own step 1 on needs the latter.
   */
  readonly asks: 'on-joining' | 'after-answering'
  /** Total: any bytes become a frame or a SyncError `malformed-frame`. */
  decode(message: Uint8Array): Frame
  step1(stateVector: Uint8Array): Uint8Array
  step2(update: Uint8Array): Uint8Array
  update(update: Uint8Array): Uint8Array
  awareness(payload: Uint8Array): Uint8Array
  /** What the client may do from now on; none where its family has no word for it. */
  access(notice: AccessNotice): readonly Uint8Array[]
  /** Asks for a fresh token; null where the family has no word for it. */
  readonly tokenRequest: Uint8Array | null
  /** A message that changes nothing, for watchdogs that want to hear something now and then. */
  keepAlive(): Uint8Array
  /** A new one for each session. */
  acknowledgements(): Acknowledgements
}
