/**
 * The socket class a client gives to y-websocket's provider: it asks for a token before it opens, and reports every frame
 * that the server will count. It knows neither the document nor the provider.
 */
import { ClientParam, MessageType, Subprotocol, SyncType } from '../../shared/protocol.ts'

/** The two kinds of frame that can hold changes, which the server counts. */
export type CountedFrame = 'step2' | 'update'

/** What the sockets of one client need. */
export interface SocketOptions {
  readonly WebSocket: typeof WebSocket
  /** Asked before every connection; null stands for no token. */
  readonly token: () => Promise<string | null>
  /** Called for each counted frame, just before it is sent. */
  readonly onSend: (kind: CountedFrame) => void
}

/** A class for the provider's `WebSocketPolyfill`. */
export function socketClass(options: SocketOptions): typeof WebSocket {
  class Socket extends ClientSocket {
    constructor(url: string, protocols: string[]) {
      super(url, protocols, options)
    }
  }
  // The provider touches only the members that ClientSocket has; a whole WebSocket would be ours to get wrong.
  return Socket as unknown as typeof WebSocket
}

/**
 * A server that does not answer within this is given up. Browsers wait minutes, Node for ever; as long as the provider
 * waits for a word on a connection that stands.
 */
const OPEN_TIMEOUT_MS = 30_000

/** The part of the WebSocket interface that y-websocket uses. */
class ClientSocket {
  readonly OPEN = 1
  binaryType: BinaryType = 'arraybuffer'
  onopen: ((event: Event) => void) | null = null
  onmessage: ((event: MessageEvent) => void) | null = null
  onerror: ((event: Event) => void) | null = null
  /** Null when there never was a connection: no token was to be had, or the server did not answer. */
  onclose: ((event: CloseEvent | null) => void) | null = null

  readonly #options: SocketOptions
  #socket: WebSocket | null = null
  #isClosed = false
  #openTimer: ReturnType<typeof setTimeout> | undefined

  constructor(url: string, protocols: string[], options: SocketOptions) {
    this.#options = options
    // Not awaited: the provider learns the outcome from the handlers it sets next.
    void this.#open(url, protocols)
  }

  get readyState(): number {
    return this.#socket?.readyState ?? (this.#isClosed ? 3 : 0)
  }

  send(frame: Uint8Array<ArrayBuffer>): void {
    const kind = countedKind(frame)
    if (kind !== null) this.#options.onSend(kind)
    this.#socket?.send(frame)
  }

  close(): void {
    this.#isClosed = true
    clearTimeout(this.#openTimer)
    this.#socket?.close()
  }

  async #open(url: string, protocols: string[]): Promise<void> {
    try {
      const token = await this.#options.token()
      if (this.#isClosed) return
      this.#adopt(connectWith(this.#options.WebSocket, { url, protocols, token }))
    } catch (cause) {
      if (this.#isClosed) return
      // No token or a URL the browser refuses: as far as the back-off goes, a connection that failed.
      this.#isClosed = true
      this.onerror?.(Object.assign(new Event('error'), { error: cause }))
      this.onclose?.(null)
    }
  }

  #adopt(socket: WebSocket): void {
    this.#socket = socket
    socket.binaryType = this.binaryType
    this.#openTimer = setTimeout(() => this.onclose?.(null), OPEN_TIMEOUT_MS)
    socket.onopen = (event) => {
      clearTimeout(this.#openTimer)
      this.onopen?.(event)
    }
    socket.onmessage = (event) => this.onmessage?.(event)
    socket.onerror = (event) => this.onerror?.(event)
    socket.onclose = (event) => {
      clearTimeout(this.#openTimer)
      this.onclose?.(event)
    }
  }
}

/** What a subprotocol can be made of, as far as tokens go: every JWT. */
const SUBPROTOCOL_TOKEN = /^[\w.-]+$/

interface Destination {
  readonly url: string
  readonly protocols: readonly string[]
  readonly token: string | null
}

/** The token goes where proxies do not log it; one that a subprotocol cannot hold has to go into the URL. */
function connectWith(WebSocketClass: typeof WebSocket, { url, protocols, token }: Destination): WebSocket {
  if (token === null) return new WebSocketClass(url, [...protocols])
  if (!SUBPROTOCOL_TOKEN.test(token)) {
    const separator = url.includes('?') ? '&' : '?'
    return new WebSocketClass(`${url}${separator}${ClientParam.token}=${encodeURIComponent(token)}`, [...protocols])
  }
  return new WebSocketClass(url, [...protocols, Subprotocol.name, Subprotocol.tokenPrefix + token])
}

/** Types below 128 are one byte each. */
function countedKind(frame: Uint8Array): CountedFrame | null {
  if (frame[0] !== MessageType.sync) return null
  if (frame[1] === SyncType.step2) return 'step2'
  return frame[1] === SyncType.update ? 'update' : null
}
