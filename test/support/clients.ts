/** Clients on real sockets: the stock providers of several versions, and ours. All of them end with the test. */
import { onTestFinished } from 'vitest'
import { WebSocket as NodeWebSocket } from 'ws'
import { WebsocketProvider as Provider31 } from 'y-websocket'
import { WebsocketProvider as Provider15 } from 'y-websocket-1-5'
import { WebsocketProvider as Provider30 } from 'y-websocket-3-0'
import * as Y from 'yjs'
import { MessageType, SyncType } from '../../shared/protocol.ts'
import { connect, type Client, type ConnectOptions } from '../../web/client/index.ts'

const PROVIDERS = { '1.5.4': Provider15, '3.0.0': Provider30, '3.1.0': Provider31 } as const

/** A published y-websocket. */
export type StockVersion = keyof typeof PROVIDERS

export const stockVersions = Object.keys(PROVIDERS) as readonly StockVersion[]

/** Sync messages that went over a client's sockets, all connections together. */
export interface Traffic {
  /** Sync step 2 and updates with content, from the server. */
  received: number
  /** The same, to the server. */
  sent: number
  /** Messages of any kind from the server. */
  heard: number
}

export interface StockClient {
  readonly doc: Y.Doc
  readonly text: Y.Text
  readonly provider: Provider31
  readonly traffic: Traffic
  /** Every value `synced` took, in order. */
  readonly syncs: readonly boolean[]
}

export interface StockOptions {
  readonly resyncInterval?: number
  readonly params?: Record<string, string>
}

/** A stock provider as its users make it; `room` goes into the URL as it is. */
export function stockClient(
  version: StockVersion,
  serverUrl: string,
  room: string,
  options: StockOptions = {},
): StockClient {
  // Each provider listens for the exit of the process.
  process.setMaxListeners(0)
  const doc = new Y.Doc()
  const traffic: Traffic = { received: 0, sent: 0, heard: 0 }
  const syncs: boolean[] = []
  // Its oldest and newest interface differ only in what these tests do not touch.
  const StockProvider = PROVIDERS[version] as typeof Provider31
  const provider = new StockProvider(serverUrl, room, doc, {
    // Clients of one process would otherwise hear each other without the server.
    disableBc: true,
    WebSocketPolyfill: countingSocket(traffic),
    ...options,
  })
  provider.on('sync', (isSynced) => syncs.push(isSynced))
  onTestFinished(() => {
    provider.destroy()
    doc.destroy()
  })
  return { doc, text: doc.getText('content'), provider, traffic, syncs }
}

/** Our own client, in Node. */
export function weftClient(server: string, document: string, options: Partial<ConnectOptions> = {}): Client {
  const WebSocketPolyfill = NodeWebSocket as unknown as typeof WebSocket
  const client = connect({ server, document, WebSocketPolyfill, ...options })
  onTestFinished(() => client.destroy())
  return client
}

function countingSocket(traffic: Traffic): typeof WebSocket {
  class CountingSocket extends NodeWebSocket {
    constructor(url: string, protocols?: string[]) {
      super(url, protocols)
      this.on('message', (data: ArrayBuffer) => {
        traffic.heard++
        if (hasContent(new Uint8Array(data))) traffic.received++
      })
    }

    override send(frame: Uint8Array): void {
      if (hasContent(frame)) traffic.sent++
      super.send(frame)
    }
  }
  // `ws` has the members of the browser's class that y-websocket uses.
  return CountingSocket as unknown as typeof WebSocket
}

/** Whether a message is a sync step 2 or an update that is not the empty one, which is two bytes long. */
function hasContent(message: Uint8Array): boolean {
  if (message[0] !== MessageType.sync || message[1] === SyncType.step1) return false
  return !(message[2] === 2 && message[3] === 0 && message[4] === 0)
}
