/**
 * WebSockets: upgrades, one session per socket, life signs, and an orderly end.
 *
 * The room is loaded before the handshake is answered, so a session is born complete and no frame has to wait
 * in a queue of ours: until then the bytes wait in the socket. Outgoing frames bypass `ws` and go to the socket
 * directly, since a whole commit is framed once for everybody.
 */
import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import { CloseCode, closeCodeFor } from '../../shared/close-codes.ts'
import { asSyncError, SyncError } from '../../shared/errors.ts'
import { type DocumentId, parseDocumentId } from '../../shared/ids.ts'
import { ClientParam } from '../../shared/protocol.ts'
import type { Rooms } from '../core/rooms.ts'
import type { Session } from '../core/session.ts'
import type { Connection } from '../ports/connection.ts'
import type { Dialect } from '../ports/dialect.ts'
import type { Log } from '../ports/log.ts'
import type { Author } from '../ports/store.ts'
import { webSocketFraming } from './framing.ts'

export interface WebSocketOptions {
  readonly maxFrameBytes: number
  /** How often a connection is pinged and fed; one that did not answer since the last time is dropped. */
  readonly keepAliveMs: number
  /** How long a closing handshake may take. */
  readonly closeTimeoutMs: number
}

export interface WebSocketDependencies {
  readonly rooms: Rooms
  readonly log: Log
  readonly options: WebSocketOptions
  /** The dialects by path prefix; the rest of the path names the document. */
  readonly routes: readonly { readonly prefix: string; dialect(params: URLSearchParams): Dialect }[]
  /** Whether a page of this origin may connect; clients that are no browsers send none. */
  readonly isAllowedOrigin: (origin: string | undefined, host: string | undefined) => boolean
}

const MAX_PARAM_CHARACTERS = 128

interface Target {
  readonly path: string
  readonly dialect: Dialect
  readonly author: Author
}

/** Serves WebSockets on `server`. Returns what stops taking new ones. */
export function serveWebSockets(server: Server, dependencies: WebSocketDependencies): () => void {
  const { rooms, log, options, isAllowedOrigin } = dependencies
  const webSockets = new WebSocketServer({
    noServer: true,
    // `ws` ends what is over its own limit with 1009, which stock clients retry for ever; ours comes first.
    maxPayload: 2 * options.maxFrameBytes,
    perMessageDeflate: false,
    clientTracking: false,
  })
  const sessions = new Map<WebSocket, { session: Session; answered: boolean }>()

  const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    // Without a listener a reset during the handshake would end the process.
    socket.on('error', () => socket.destroy())
    if (request.headers.upgrade?.toLowerCase() !== 'websocket') return refuse(socket, '400 Bad Request')
    if (!isAllowedOrigin(request.headers.origin, request.headers.host)) return refuse(socket, '403 Forbidden')
    const target = findTarget(request.url ?? '/', dependencies.routes)
    if (target === null) return refuse(socket, '404 Not Found')
    void accept(request, socket, head, target)
  }

  const accept = async (request: IncomingMessage, socket: Duplex, head: Buffer, target: Target): Promise<void> => {
    // A permanent refusal has to be a close code: a browser sees a refused upgrade as 1006 and tries for ever.
    const room = await loadRoom(target.path).catch((thrown: unknown) => asSyncError(thrown, 'storage-failed'))
    webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      webSocket.on('error', () => webSocket.terminate())
      if (room instanceof SyncError) {
        log.warn('connection refused', { code: room.code, message: room.message })
        webSocket.close(closeCodeFor(room.code), room.code)
        return
      }
      try {
        const connection = connect(webSocket, socket, options.closeTimeoutMs)
        const session = rooms.startSession(room, { connection, dialect: target.dialect, author: target.author })
        serve(webSocket, session)
      } catch (thrown) {
        const { code } = asSyncError(thrown, 'overloaded')
        webSocket.close(closeCodeFor(code), code)
      }
    })
  }

  const loadRoom = async (path: string) => rooms.load(documentOf(path))

  const serve = (webSocket: WebSocket, session: Session): void => {
    const entry = { session, answered: true }
    sessions.set(webSocket, entry)
    webSocket.on('message', (data, isBinary) => {
      entry.answered = true
      if (!isBinary || !(data instanceof Uint8Array)) session.close(CloseCode.malformed, 'malformed-frame')
      else if (data.length > options.maxFrameBytes) session.close(CloseCode.tooLarge, 'frame-too-large')
      else session.receive(data)
    })
    webSocket.on('pong', () => {
      entry.answered = true
    })
    webSocket.on('close', () => {
      sessions.delete(webSocket)
      session.left()
    })
  }

  const keepAlive = setInterval(() => {
    for (const [webSocket, entry] of sessions) {
      if (!entry.answered) {
        webSocket.terminate()
        continue
      }
      entry.answered = false
      webSocket.ping()
      entry.session.keepAlive()
    }
  }, options.keepAliveMs)

  server.on('upgrade', onUpgrade)
  return () => {
    clearInterval(keepAlive)
    server.off('upgrade', onUpgrade)
    server.on('upgrade', (_request, socket) => refuse(socket, '503 Service Unavailable'))
  }
}

function connect(webSocket: WebSocket, socket: Duplex, closeTimeoutMs: number): Connection {
  return {
    framing: webSocketFraming,
    get bufferedBytes() {
      return socket.writableLength
    },
    write(framed) {
      if (webSocket.readyState === webSocket.OPEN) socket.write(framed)
    },
    whenDrained(callback) {
      // Its callback comes after everything written before it has left, or with the end of the socket.
      socket.write(Buffer.alloc(0), () => callback())
    },
    close(code, reason) {
      webSocket.close(code, reason)
      setTimeout(() => webSocket.terminate(), closeTimeoutMs).unref()
    },
  }
}

function findTarget(url: string, routes: WebSocketDependencies['routes']): Target | null {
  // Parsed by hand: `new URL` would fold `..` and repeated slashes, which are letters of a document's name here.
  const question = url.indexOf('?')
  const pathname = question === -1 ? url : url.slice(0, question)
  const params = new URLSearchParams(question === -1 ? '' : url.slice(question))
  const route = routes.find(({ prefix }) => pathname.startsWith(prefix))
  if (route === undefined) return null
  return {
    path: pathname.slice(route.prefix.length),
    dialect: route.dialect(params),
    author: { user: param(params, ClientParam.user), name: param(params, ClientParam.name) },
  }
}

function documentOf(path: string): DocumentId {
  try {
    return parseDocumentId(decodeURIComponent(path))
  } catch (cause) {
    if (cause instanceof SyncError) throw cause
    throw new SyncError('invalid-document-id', `Document name ${JSON.stringify(path)} is not percent-encoded UTF-8.`, {
      cause,
    })
  }
}

function param(params: URLSearchParams, name: string): string {
  return (params.get(name) ?? '').toWellFormed().slice(0, MAX_PARAM_CHARACTERS)
}

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}
