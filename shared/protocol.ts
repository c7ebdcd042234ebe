/**
 * The numbers of the y-websocket wire format and of Weft's own messages.
 *
 * Encodings are lib0's: `varUint` is LEB128, `varBytes` a varUint length followed by that many bytes.
 */
import type { Role } from './roles.ts'

/** First varUint of every y-websocket message. */
export const MessageType = {
  sync: 0,
  awareness: 1,
  auth: 2,
  queryAwareness: 3,
  /**
   * Weft's own, server to client, only when asked for with `?weft=1`:
   * varUint frames, varUint seq. The first `frames` sync-step-2 and update messages that this
   * connection sent are on disk, but for those that were answered as refused before; `seq` is the document's last
   * committed seq.
   */
  saved: 120,
  /** Weft's own, server to client, as above: varString, an `AccessNotice` as JSON. What the client may do from now on. */
  access: 121,
  /**
   * Weft's own. Server to client, as above and without content: send a fresh token. Client to server, at any time:
   * varString token; the answer is `access`.
   */
  token: 122,
  /**
   * Weft's own, server to client, as above: varUint frame, varString reason (an `ErrorCode`). Sync-step-2 or update
   * message number `frame` of this connection, counted from 1, was not taken. The client keeps what it holds: when
   * it may write again the server sends a sync step 1, and everything goes out in the answer.
   */
  refused: 123,
  /**
   * Weft's own, server to client, as above: varString reason, a `StorageTrouble`. The server cannot write at the moment:
   * it keeps what comes, tries again, and saves nothing until the same message comes with an empty reason.
   */
  storage: 124,
} as const

/** Second varUint of a sync message. */
export const SyncType = { step1: 0, step2: 1, update: 2 } as const

/** Why an `access` message comes. */
export type AccessReason =
  /** The first message of a connection. */
  | 'joined'
  /** A fresh token came; the role is as it was. */
  | 'renewed'
  /** The role is another one, by a fresh token or because somebody changed it. */
  | 'changed'
  /** Nobody may write here until an operator has repaired the document; until then everybody is a viewer. */
  | 'quarantined'
  /** The token is too old: nothing is taken until a fresh one comes, and 10 s from now the connection closes (4501). */
  | 'expired'

/** What a client may do from now on. */
export interface AccessNotice {
  /** What it may do is what `can` in shared/roles.ts says, unless `why` is `expired`: then nothing is written. */
  readonly role: Role
  /** From now, so that clocks need not agree; null: it does not expire. */
  readonly expiresInMs: number | null
  readonly why: AccessReason
}

/** Why the server cannot write: its disk has no room, or does not take what there is room for. */
export type StorageTrouble = 'storage-full' | 'storage-failed'

/** Query parameters our own client adds to the room's URL; stock clients send none of them. */
export const ClientParam = {
  /** `1` asks for `saved` messages. */
  weft: 'weft',
  /** Claimed user id, at most 128 characters; recorded as the author where no auth is configured. */
  user: 'user',
  /** Claimed display name, at most 128 characters. */
  name: 'name',
  /** A token, for clients that have no other way; `Subprotocol` keeps it out of the logs of proxies. */
  token: 'token',
} as const

/**
 * A WebSocket client may bring its token as a subprotocol: it offers `name` and `tokenPrefix` + token, and the
 * server chooses `name`. Tokens have letters, digits and `-_.` only, as JWTs do.
 */
export const Subprotocol = { name: 'weft', tokenPrefix: 'weft.token.' } as const
