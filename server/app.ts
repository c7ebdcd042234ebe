/** The composition root: the only place that names concrete adapters and ties everything together. */
import { createServer, type Server, type ServerOptions } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { randomBytes } from 'node:crypto'
import { getRequestListener, type HttpBindings } from '@hono/node-server'
import type { Context } from 'hono'
import { SyncError } from '../shared/errors.ts'
import { createCompute } from './compute/compute.ts'
import type { Options } from './config.ts'
import { Access } from './core/access.ts'
import { openAccess } from './core/open-access.ts'
import { LocalOperator } from './core/operator.ts'
import { Revocations } from './core/revocations.ts'
import { Rooms } from './core/rooms.ts'
import { SharedConnection } from './core/shared-connection.ts'
import { Hocuspocus } from './dialects/hocuspocus.ts'
import { ySweet } from './dialects/y-sweet.ts'
import { yWebsocket, yWebsocketWithSaved } from './dialects/y-websocket.ts'
import { allowBy } from './http/allow.ts'
import { httpRoutes } from './http/http.ts'
import { openForeignSource } from './import/open-source.ts'
import type { ForeignSource } from './ports/foreign.ts'
import type { Log } from './ports/log.ts'
import { announce, withdraw } from './server-file.ts'
import { openSqliteStore } from './store/sqlite-store.ts'
import { addressFinder } from './transport/client-address.ts'
import { isLoopbackName, originCheck } from './transport/origins.ts'
import { documentRoute, type Route } from './transport/routes.ts'
import { serveWebSockets } from './transport/websocket.ts'
import { CloseCode } from '../shared/close-codes.ts'
import { ClientParam } from '../shared/protocol.ts'

/** The folder `vite build` writes, beside the compiled server. */
const PUBLIC_FOLDER = fileURLToPath(new URL('../public', import.meta.url))

/** Everything on a data folder but the network: what the command line works with when no server runs. */
export interface Workshop {
  readonly operator: LocalOperator
  readonly rooms: Rooms
  /** Finishes what was begun, then lets go of the folder. */
  close(): Promise<void>
}

export interface RunningServer {
  /** Where it listens, as `http://host:port`. */
  readonly url: string
  /** Takes nothing new, writes what was accepted, sends clients away to come back, lets go of the folder. */
  close(): Promise<void>
}

async function openParts(options: Options, log: Log) {
  const store = await openSqliteStore({ folder: options.data })
  const compute = createCompute({ ...options, threads: options.computeThreads })
  const rooms = new Rooms(store, compute, log, options)
  const operator = new LocalOperator({ store, compute, rooms, log }, options)
  const close = async (): Promise<void> => {
    await rooms.close()
    await compute.close()
    await store.close()
  }
  return { store, rooms, operator, close }
}

/** Opens a data folder that no server runs on. Rejects `storage-locked` when one does. */
export function openWorkshop(options: Options, log: Log): Promise<Workshop> {
  return openParts(options, log)
}

/** Opens what another system left at `path`. Rejects `not-found` and `unreadable-source`. */
export function openForeign(path: string): Promise<ForeignSource> {
  return openForeignSource(path)
}

/**
 * Starts a server. Rejects `storage-locked` when another process has the data folder, and `invalid-request` when
 * the options would open the documents to others without saying so.
 */
export async function startServer(options: Options, log: Log): Promise<RunningServer> {
  const isLoopback = isLoopbackName(options.host)
  if (!isLoopback && !options.open) {
    throw new SyncError(
      'invalid-request',
      `Anybody who reaches ${options.host} could read and edit every document; add --open if that is meant.`,
    )
  }
  const addressOf = addressFinder(listOf(options.trustedProxies))
  const parts = await openParts(options, log)
  const { store, rooms, operator } = parts
  const revocations = new Revocations(store.revocations, await store.revocations.list())
  const access = new Access({ authorizer: openAccess, revocations, log, options })
  const operatorSecret = randomBytes(32).toString('base64url')
  const isAllowedOrigin = originCheck({ isLoopback, origins: listOf(options.origins) })
  let isAccepting = true
  const app = httpRoutes({
    store,
    rooms,
    operator,
    operatorSecret,
    publicFolder: PUBLIC_FOLDER,
    publicUrl: options.publicUrl.replace(/\/+$/, ''),
    maxFrameBytes: options.maxFrameBytes,
    isAllowedOrigin,
    allow: allowBy(access, ({ env, req }: Context<{ Bindings: Partial<HttpBindings> }>) =>
      addressOf(env.incoming?.socket.remoteAddress, req.header('x-forwarded-for')),
    ),
    health: () => ({ isAccepting, trouble: rooms.trouble }),
  })
  const answer = getRequestListener(app.fetch)
  // Not awaited: what a request throws is answered by the app and never rejects.
  const server = createServer(timeouts(options), (request, response) => void answer(request, response))
  const routes = routesTo(rooms, access, options, log)
  const webSockets = serveWebSockets(server, { log, options, isAllowedOrigin, addressOf, routes })
  try {
    const url = await listen(server, options)
    await announce(options.data, { url, pid: process.pid, secret: operatorSecret })
    log.info('server started', { url, data: options.data })
    const close = async (): Promise<void> => {
      isAccepting = false
      webSockets.refuseNew()
      server.close()
      await parts.close()
      webSockets.close(CloseCode.restarting, 'restarting')
      server.closeAllConnections()
      await withdraw(options.data)
      log.info('server stopped')
    }
    return { url, close }
  } catch (error) {
    await parts.close()
    throw error
  }
}

/** The dialects by path, all into the same rooms. */
export function routesTo(rooms: Rooms, access: Access, options: Options, log: Log): readonly Route[] {
  const hocuspocus = new Hocuspocus()
  return [
    documentRoute(rooms, access, {
      prefix: '/ws/',
      nameIn: (rest) => rest,
      dialect: (params) => (params.get(ClientParam.weft) === '1' ? yWebsocketWithSaved : yWebsocket),
    }),
    documentRoute(rooms, access, {
      prefix: '/d/',
      nameIn: (rest) => /^([A-Za-z0-9_-]+)\/ws\/\1$/.exec(rest)?.[1] ?? null,
      dialect: () => ySweet,
    }),
    {
      prefix: '/hocuspocus',
      prepare: ({ visit }) =>
        Promise.resolve(
          (connection) =>
            new SharedConnection({
              connection,
              dialect: hocuspocus,
              rooms,
              access,
              visit,
              log,
              options,
            }),
        ),
    },
  ]
}

/** A client that sends its request a letter at a time is let go. */
function timeouts({ headersTimeoutMs, requestTimeoutMs }: Options): ServerOptions {
  return {
    headersTimeout: headersTimeoutMs,
    requestTimeout: requestTimeoutMs,
    // Node looks only this often.
    connectionsCheckingInterval: Math.min(1_000, headersTimeoutMs, requestTimeoutMs),
  }
}

function listOf(text: string): readonly string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean)
}

function listen(server: Server, { port, host }: Options): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      // With a host and a port it listens on TCP, so the address is never a pipe's name.
      const address = server.address() as AddressInfo
      const hostname = address.family === 'IPv6' ? `[${address.address}]` : address.address
      resolve(`http://${hostname}:${address.port}`)
    })
  })
}
