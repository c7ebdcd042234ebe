/** The composition root: the only place that names concrete adapters and ties everything together. */
import { createServer, type Server, type ServerOptions } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { randomBytes } from 'node:crypto'
import { getRequestListener, type HttpBindings } from '@hono/node-server'
import type { Context } from 'hono'
import { asSyncError, SyncError } from '../shared/errors.ts'
import type { Person } from '../shared/rest.ts'
import { addressQuota } from './auth/address-quota.ts'
import { embedderAuthorizer } from './auth/embedder.ts'
import { JwtAuthorizer } from './auth/jwt-authorizer.ts'
import { hasKeys, loadKeys } from './auth/keys.ts'
import { ShareLinks } from './auth/share-links.ts'
import { byTokenKind } from './auth/token-kinds.ts'
import { createCompute } from './compute/compute.ts'
import type { Options } from './config.ts'
import { Access, type GrantQuery } from './core/access.ts'
import { AuditTrail } from './core/audit-trail.ts'
import { openAccess } from './core/open-access.ts'
import { LocalOperator } from './core/operator.ts'
import { peopleOf } from './core/people.ts'
import { Revocations } from './core/revocations.ts'
import { Rooms } from './core/rooms.ts'
import { SharedConnection } from './core/shared-connection.ts'
import { VisitorLimits } from './core/visitor-limits.ts'
import { audited, limited } from './core/watched-authorizers.ts'
import { Hocuspocus } from './dialects/hocuspocus.ts'
import { ySweet } from './dialects/y-sweet.ts'
import { yWebsocket, yWebsocketWithSaved } from './dialects/y-websocket.ts'
import { allowBy, mayReadBy } from './http/allow.ts'
import { httpRoutes } from './http/http.ts'
import { openForeignSource } from './import/open-source.ts'
import type { ForeignSource } from './ports/foreign.ts'
import type { AuthorizeFunction } from './ports/authorize-function.ts'
import type { Authorizer, Revocation } from './ports/authorizer.ts'
import type { Log } from './ports/log.ts'
import { announce, withdraw } from './server-file.ts'
import { openSqliteStore } from './store/sqlite-store.ts'
import { addressFinder, limitKeyOf } from './transport/client-address.ts'
import { isLoopbackName, originCheck } from './transport/origins.ts'
import { documentRoute, type Route } from './transport/routes.ts'
import { serveWebSockets } from './transport/websocket.ts'
import { CloseCode } from '../shared/close-codes.ts'
import { ClientParam } from '../shared/protocol.ts'

export { mintToken } from './auth/mint.ts'

/** The folder `vite build` writes, beside the compiled server. */
const PUBLIC_FOLDER = fileURLToPath(new URL('../public', import.meta.url))

/** Everything on a data folder but the network: what the command line works with when no server runs. */
export interface Workshop {
  readonly operator: LocalOperator
  readonly rooms: Rooms
  /** Finishes what was begun, then lets go of the folder. */
  close(): Promise<void>
}

/** What a program that runs a server in itself may decide. */
export interface Hooks {
  /** Says what each client may do in each document; left out: tokens do, or everybody may do everything. */
  readonly authorize?: AuthorizeFunction
}

export interface RunningServer {
  /** Where it listens, as `http://host:port`. */
  readonly url: string
  /**
   * Ends access for good: one token's, or all that a user, or anybody in a document, was given before now. At once
   * where it is in use; resolves when it is on disk.
   */
  revoke(revocation: Revocation): Promise<void>
  /** Asks `authorize` again about those who are here, since its answer has changed; they keep what they typed. */
  recheck(query?: GrantQuery): void
  /** Takes nothing new, writes what was accepted, sends clients away to come back, lets go of the folder. */
  close(): Promise<void>
}

async function openParts(options: Options, log: Log) {
  const store = await openSqliteStore({ folder: options.data })
  const compute = createCompute({ ...options, threads: options.computeThreads })
  const rooms = new Rooms(store, compute, log, options)
  const trail = new AuditTrail(store.audit, log)
  const operator = new LocalOperator({ store, compute, rooms, log, trail, auditStore: store.audit }, options)
  const close = async (): Promise<void> => {
    await rooms.close()
    await compute.close()
    await trail.close()
    await store.close()
  }
  return { store, rooms, operator, trail, close }
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
export async function startServer(options: Options, log: Log, { authorize }: Hooks = {}): Promise<RunningServer> {
  const isLoopback = isLoopbackName(options.host)
  const authorizer = await authorizerOf(options, authorize)
  if (authorizer === openAccess && !isLoopback && !options.open) {
    throw new SyncError(
      'invalid-request',
      `Anybody who reaches ${options.host} could read and edit every document; say who may with --jwt-secret, ` +
        '--jwt-key-file or --jwks-url, or add --open if that is meant.',
    )
  }
  const addressOf = addressFinder(listOf(options.trustedProxies))
  const parts = await openParts(options, log)
  const { store, rooms, operator } = parts
  const { access, links } = await openAccessParts(authorizer, parts, log, options)
  const operatorSecret = randomBytes(32).toString('base64url')
  const origins = listOf(options.origins)
  const isAllowedOrigin = originCheck({ isLoopback, origins })
  const addressIn = ({ env, req }: Context<{ Bindings: Partial<HttpBindings> }>): string =>
    addressOf(env.incoming?.socket.remoteAddress, req.header('x-forwarded-for'))
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
    frameOrigins: origins,
    allow: allowBy(access, addressIn),
    mayRead: mayReadBy(access, addressIn),
    requiresToken: access.requiresToken,
    revoke: (revocation) => access.revoke(revocation),
    addressIn,
    links,
    people: (document) => peopleOf(document, { audit: store.audit, links, present: (name) => access.present(name) }),
    health: () => ({ isAccepting, trouble: rooms.trouble }),
  })
  const answer = getRequestListener(app.fetch)
  // Not awaited: what a request throws is answered by the app and never rejects.
  const server = createServer(timeouts(options), (request, response) => void answer(request, response))
  const routes = routesTo(rooms, access, options, log)
  const webSockets = serveWebSockets(server, { log, options, isAllowedOrigin, addressOf, routes })
  try {
    const url = await listen(server, options)
    await announce(options.data, { url, pid: process.pid, secret: operatorSecret }).catch((thrown: unknown) => {
      const { message } = asSyncError(thrown, 'storage-failed')
      log.error('server.json was not written; weft commands cannot reach this server until it is restarted', {
        message,
      })
    })
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
    return {
      url,
      close,
      revoke: (revocation) => access.revoke(revocation),
      recheck: (query = {}) => access.recheck(query),
    }
  } catch (error) {
    await parts.close()
    throw error
  }
}

/** A function of the program's own, tokens, or everybody. Rejects `invalid-request` when keys and options do not go together. */
async function authorizerOf(options: Options, authorize: AuthorizeFunction | undefined): Promise<Authorizer> {
  if (authorize !== undefined) return embedderAuthorizer(authorize)
  return hasKeys(options) ? new JwtAuthorizer(await loadKeys(options), options) : openAccess
}

/** Who may do what: `authorizer` and share links, watched, limited and revocable. */
async function openAccessParts(
  authorizer: Authorizer,
  { store, trail }: Awaited<ReturnType<typeof openParts>>,
  log: Log,
  options: Options,
) {
  const revocations = new Revocations(store.revocations, await store.revocations.list())
  const failures = addressQuota({ count: options.maxFailedTokensPerMinute, perSeconds: 60, keyOf: limitKeyOf })
  const newDocuments = addressQuota({ count: options.maxNewDocumentsPerHour, perSeconds: 3_600, keyOf: limitKeyOf })
  const limits = new VisitorLimits({ options, newDocuments, isLimited: (address) => limitKeyOf(address) !== null })
  const links = new ShareLinks({ store: store.links, audit: trail, changed: (tokenId) => access.recheck({ tokenId }) })
  const watched = (inner: Authorizer, by: Person['by']): Authorizer =>
    limited(audited(inner, trail, by), failures, trail)
  const access = new Access({
    // Where everybody is let in there is nothing to note.
    authorizer: byTokenKind(
      watched(links, 'link'),
      authorizer === openAccess ? openAccess : watched(authorizer, 'token'),
    ),
    quietAuthorizer: byTokenKind(links, authorizer),
    revocations,
    limits,
    audit: trail,
    log,
    options,
  })
  return { access, links }
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
