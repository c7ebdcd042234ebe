/** Weft's own messages among y-websocket's. */
import type { Decoder } from 'lib0/decoding'
import type { WebsocketProvider } from 'y-websocket'

/** Hands what follows the type of each message of this type to `take`; what other tabs say does not count. */
export function onServerMessage(provider: WebsocketProvider, type: number, take: (decoder: Decoder) => void): void {
  provider.messageHandlers[type] = (_encoder, decoder, _provider, isFromServer) => {
    if (isFromServer) take(decoder)
  }
}
