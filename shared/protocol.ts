/**
 * The numbers of the y-websocket wire format and of Weft's own messages.
 *
 * Encodings are lib0's: `varUint` is LEB128, `varBytes` a varUint length followed by that many bytes.
 */

/** First varUint of every y-websocket message. */
export const MessageType = {
  sync: 0,
  awareness: 1,
  auth: 2,
  queryAwareness: 3,
  /**
   * Weft's own, server to client, only when asked for with `?weft=1`:
   * varUint frames, varUint seq. The first `frames` sync-step-2 and update messages that this
   * connection sent are on disk; `seq` is the document's last committed seq.
   */
  saved: 120,
} as const

/** Second varUint of a sync message. */
export const SyncType = { step1: 0, step2: 1, update: 2 } as const

/** Query parameters our own client adds to the room's URL; stock clients send none of them. */
export const ClientParam = {
  /** `1` asks for `saved` messages. */
  weft: 'weft',
  /** Claimed user id, at most 128 characters; recorded as the author where no auth is configured. */
  user: 'user',
  /** Claimed display name, at most 128 characters. */
  name: 'name',
} as const
