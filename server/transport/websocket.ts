/**
 * WebSockets: upgrades, one client per socket, life signs, and an orderly end.
 *
 * A client is prepared before the handshake is answered, so that no message has to wait in a queue of ours: until
 * then the bytes wait in the socket. Outgoing frames bypass `ws` and go to the socket directly, since a whole
 * commit is framed once for everybody.
 */
import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { type RawData, WebSocket, WebSocketServer } from 'ws'
import { CloseCode, closeCodeFor } from '../../shared/close-codes.ts'
import { asSyncError, SyncError } from '../../shared/errors.ts'
import type { Client, Connection } from '../ports/connection.ts'
import type { Log } from '../ports/log.ts'
import { AddressLimits, type AddressLimitOptions, type ReadingLimits } from './address-limits.ts'
import type { AddressOf } from './client-address.ts'
import { release } from '../threads/release.ts'
import { webSocketFraming } from './framing.ts'
import { type Source, PacedReading } from './paced-reading.ts'
import { findTarget, type Route, type Target } from './routes.ts'
import { chooseSubprotocol } from './visit.ts'

/** RFC 6455's close code. */
const MESSAGE_TOO_BIG = 1009

export interface WebSocketOptions extends AddressLimitOptions {
  readonly maxFrameBytes: number
  /** How often a connection is pinged and fed; one of which nothing came since the last time is dropped. */
  readonly keepAliveMs: number
  /** How long a closing handshake may take. */
  readonly closeTimeoutMs: number
  /** Whoever has left more than this unread is sent away instead of something more. */
  readonly maxUnreadBytes: number
}

export interface WebSocketDependencies {
  readonly log: Log
  readonly options: WebSocketOptions
  readonly routes: readonly Route[]
  /** Whether a page of this origin may connect; clients that are no browsers send none. */
  readonly isAllowedOrigin: (origin: string | undefined, host: string | undefined) => boolean
  readonly addressOf: AddressOf
}

export interface WebSockets {
  /** Refuses new ones; those that are open go on. */
  refuseNew(): void
  /** Sends away whoever is still here. */
  close(code: CloseCode, reason: string): void
}

/** Serves WebSockets on `server`. */
export function serveWebSockets(server: Server, dependencies: WebSocketDependencies): WebSockets {
  const { log, options, isAllowedOrigin, addressOf } = dependencies
  const limits = new AddressLimits(options)
  const unlimited = webSocketServer(options, { isPaced: false })
  const limited = webSocketServer(options, { isPaced: true })
  const clients = new Map<WebSocket, { readonly client: Client; answered: boolean }>()

  const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    // Without a listener a reset during the handshake would end the process.
    socket.on('error', () => socket.destroy())
    if (request.headers.upgrade?.toLowerCase() !== 'websocket') return refuse(socket, '400 Bad Request')
    if (!isAllowedOrigin(request.headers.origin, request.headers.host)) return refuse(socket, '403 Forbidden')
    const address = addressOf(request.socket.remoteAddress, request.headers['x-forwarded-for']?.toString())
    const target = findTarget(request, address, dependencies.routes)
    if (target === null) return refuse(socket, '404 Not Found')
    void accept({ request, socket, head, address, target })
  }

  const accept = async ({ request, socket, head, address, target }: Upgrade): Promise<void> => {
    const guest = limits.enter(address)
    socket.once('close', () => guest?.leave())
    if (guest !== null && guest.waitMs > 0) await sleep(guest.waitMs)
    if (socket.destroyed) return
    // A permanent refusal has to be a close code: a browser sees a refused upgrade as 1006 and tries for ever.
    const start =
      guest === null
        ? new SyncError('too-many-connections-of-address', `There are too many connections from ${address}.`)
        : await target.prepare().catch((thrown: unknown) => asSyncError(thrown, 'storage-failed'))
    // The answer to the handshake and the client's first messages leave in one write.
    socket.cork()
    process.nextTick(() => socket.uncork())
    const webSockets = guest?.reading === null ? unlimited : limited
    webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      // `ws` has begun to close the connection, with a code that says why.
      webSocket.on('error', () => endSoon(webSocket, options.closeTimeoutMs))
      const connection = connect(webSocket, socket, options)
      try {
        if (start instanceof SyncError) throw start
        serve({ webSocket, socket, client: start(connection), limits: guest?.reading ?? null, address })
      } catch (thrown) {
        const { code, message } = asSyncError(thrown, 'overloaded')
        log.warn('connection refused', { code, message, address })
        connection.close(closeCodeFor(code), code)
      }
    })
  }

  const serve = ({ webSocket, socket, client, limits: reads, address }: Served): void => {
    const entry = { client, answered: true }
    clients.set(webSocket, entry)
    const heldUp = (): void => log.info('connection held up', { address })
    const reading = reads === null ? null : new PacedReading({ source: sourceOf(webSocket, heldUp), ...reads })
    const take = (data: RawData, isBinary: boolean): void => {
      if (!isBinary || !(data instanceof Uint8Array)) client.close(CloseCode.malformed, 'malformed-frame')
      // Not as a Buffer, whose `slice` shares its bytes where a copy is meant.
      else client.receive(new Uint8Array(data.buffer, data.byteOffset, data.length))
    }
    socket.on('data', ({ length }: Buffer) => {
      entry.answered = true
      reading?.onBytes(length)
    })
    webSocket.on('ping', (data) => reading?.onMessage(() => webSocket.pong(data)))
    webSocket.on('message', (data, isBinary) => {
      if (reading === null) take(data, isBinary)
      else reading.onMessage(() => take(data, isBinary))
    })
    webSocket.on('close', () => {
      clients.delete(webSocket)
      if (reading === null) client.left()
      else reading.end(() => client.left())
    })
  }

  const keepAlive = setInterval(() => {
    for (const [webSocket, entry] of clients) {
      // Whoever is not read cannot answer.
      if (!entry.answered && !webSocket.isPaused) {
        webSocket.terminate()
        continue
      }
      entry.answered = false
      webSocket.ping()
      entry.client.keepAlive()
    }
  }, options.keepAliveMs)

  server.on('upgrade', onUpgrade)
  return {
    refuseNew() {
      clearInterval(keepAlive)
      server.off('upgrade', onUpgrade)
      server.on('upgrade', (_request, socket) => refuse(socket, '503 Service Unavailable'))
    },
    close(code, reason) {
      for (const { client } of clients.values()) client.close(code, reason)
    },
  }
}

/**
 * `isPaced`: of each connection one message is looked at in a turn of the event loop, and what came behind it waits
 * for the next. A burst that limits allow would otherwise be read to its end while everybody else waits. And pings are
 * answered when it is their turn, as messages are.
 */
function webSocketServer(
  { maxFrameBytes }: WebSocketOptions,
  { isPaced }: { readonly isPaced: boolean },
): WebSocketServer {
  return new WebSocketServer({
    noServer: true,
    maxPayload: maxFrameBytes,
    perMessageDeflate: false,
    allowSynchronousEvents: !isPaced,
    autoPong: !isPaced,
    clientTracking: false,
    handleProtocols: chooseSubprotocol,
    WebSocket: ServerSocket,
  })
}

/** A request to become a WebSocket that leads somewhere. */
interface Upgrade {
  readonly request: IncomingMessage
  readonly socket: Duplex
  readonly head: Buffer
  readonly address: string
  readonly target: Target
}

/** A WebSocket whose client was let in. */
interface Served {
  readonly webSocket: WebSocket
  readonly socket: Duplex
  readonly client: Client
  /** Null: it is read as fast as it sends. */
  readonly limits: ReadingLimits | null
  readonly address: string
}

class ServerSocket extends WebSocket {
  /** `ws` ends what is over its limit, as soon as a header says so, with 1009, which stock clients retry for ever. */
  override close(code?: number, reason?: string | Buffer): void {
    if (code === MESSAGE_TOO_BIG) super.close(CloseCode.tooLarge, 'frame-too-large')
    else super.close(code, reason)
    // The other side's answer has to be read.
    this.resume()
  }
}

function connect(
  webSocket: WebSocket,
  socket: Duplex,
  { closeTimeoutMs, maxUnreadBytes }: WebSocketOptions,
): Connection {
  const close = (code: number, reason: string): void => {
    webSocket.close(code, reason)
    endSoon(webSocket, closeTimeoutMs)
  }
  const canWrite = (): boolean => {
    if (webSocket.readyState !== webSocket.OPEN) return false
    const isTooSlow = socket.writableLength > maxUnreadBytes
    if (isTooSlow) close(CloseCode.tooSlow, 'too-slow')
    return !isTooSlow
  }
  return {
    framing: webSocketFraming,
    get bufferedBytes() {
      return socket.writableLength
    },
    write(framed) {
      if (canWrite()) socket.write(framed)
    },
    writeOnce(message) {
      if (!canWrite()) return
      const framed = webSocketFraming.frame([message])
      release(message)
      socket.write(framed, () => release(framed))
    },
    whenDrained(callback) {
      // Its callback comes after everything written before it has left, or with the end of the socket.
      socket.write(Buffer.alloc(0), () => callback())
    },
    close,
  }
}

/** What `webSocket` gets to read; `heldUp` is called when it is not read for the first time. */
function sourceOf(webSocket: WebSocket, heldUp: () => void): Source {
  let wasHeldUp = false
  return {
    // Its answer to a closing handshake has to be read.
    get mayPause() {
      return webSocket.readyState === webSocket.OPEN
    },
    pause() {
      if (!this.mayPause) return
      webSocket.pause()
      if (!wasHeldUp) heldUp()
      wasHeldUp = true
    },
    resume: () => webSocket.resume(),
  }
}

/** A closing handshake takes two. */
function endSoon(webSocket: WebSocket, ms: number): void {
  setTimeout(() => webSocket.terminate(), ms).unref()
}

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}
