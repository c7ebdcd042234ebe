/** The way into the headless client. */
import { SyncClient } from './client.ts'
import { thisDevice } from './device.ts'
import type { Client, ConnectOptions } from './types.ts'

/**
 * A client that keeps one document in step with a Weft server, from now until `destroy`.
 * Throws a SyncError when the document's name or the server's URL cannot be used; everything later is in `state`.
 */
export function connect(options: ConnectOptions): Client {
  return new SyncClient(options, thisDevice())
}
