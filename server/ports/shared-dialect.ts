/**
 * How a family of clients writes that carries several documents on one connection, and authenticates in band.
 *
 * Every message says with a key which document it is about; one client may have a document open under several keys.
 */
import type { Dialect } from './dialect.ts'

/** What one message is for. `body` is a view into the message, for the dialect of its key. */
export type Envelope =
  | { readonly type: 'body'; readonly key: string; readonly body: Uint8Array }
  /** `knowsPing`: the client answers `SharedDialect.ping`. */
  | { readonly type: 'token'; readonly key: string; readonly token: string; readonly knowsPing: boolean }
  /** The client is done with this document. */
  | { readonly type: 'leave'; readonly key: string }
  /** Known and to be ignored. */
  | { readonly type: 'nothing' }

export interface SharedDialect {
  /** Total: any bytes become an envelope or a SyncError `malformed-frame`. */
  open(message: Uint8Array): Envelope
  /** The document's name in a key; not yet a checked document id. */
  documentName(key: string): string
  /** The dialect of all sessions with this key. */
  dialectOf(key: string): Dialect
  /** The client may not have this document; the connection and its other documents go on. */
  denied(key: string, reason: string): Uint8Array
  /** A sign of life for the connection as a whole, for clients that know it. */
  readonly ping: Uint8Array
}
