/** The network side of a server: requests, sockets, and who may do what over them. */
import { randomBytes } from 'node:crypto'
import { createServer, type Server, type ServerOptions } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { getRequestListener, type HttpBindings } from '@hono/node-server'
import type { Context } from 'hono'
import { CloseCode } from '../shared/close-codes.ts'
import { asSyncError } from '../shared/errors.ts'
import { ClientParam } from '../shared/protocol.ts'
import type { Person } from '../shared/rest.ts'
import { addressQuota } from './auth/address-quota.ts'
import { ShareLinks } from './auth/share-links.ts'
import { byTokenKind } from './auth/token-kinds.ts'
import type { Options } from './config.ts'
import { Access, type GrantQuery } from './core/access.ts'
import { openAccess } from './core/open-access.ts'
import { peopleOf } from './core/people.ts'
import { Revocations } from './core/revocations.ts'
import type { Rooms } from './core/rooms.ts'
import { SharedConnection } from './core/shared-connection.ts'
import { Turns } from './core/turns.ts'
import { VisitorLimits } from './core/visitor-limits.ts'
import { audited, limited } from './core/watched-authorizers.ts'
import { Hocuspocus } from './dialects/hocuspocus.ts'
import { ySweet } from './dialects/y-sweet.ts'
import { yWebsocket, yWebsocketWithSaved } from './dialects/y-websocket.ts'
import { allowBy, mayReadBy } from './http/allow.ts'
import { httpRoutes } from './http/http.ts'
import type { Parts } from './parts.ts'
import type { Authorizer, Revocation } from './ports/authorizer.ts'
import type { Log } from './ports/log.ts'
import { announce, withdraw } from './server-file.ts'
import { addressFinder, limitKeyOf } from './transport/client-address.ts'
import { isLoopbackName, originCheck } from './transport/origins.ts'
import { documentRoute, type Route } from './transport/routes.ts'
import { serveWebSockets } from './transport/websocket.ts'

/** The folder `vite build` writes, beside the compiled server. */
const PUBLIC_FOLDER = fileURLToPath(new URL('../public', import.meta.url))

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

interface NetworkParts {
  readonly parts: Parts
  readonly authorizer: Authorizer
  readonly log: Log
  readonly options: Options
}

/** Serves `parts`, which are closed with the server. Rejects when it cannot listen where it is told to. */
export async function serve(served: NetworkParts): Promise<RunningServer> {
  const { parts, log, options } = served
  const { store, rooms, operator } = parts
  const { access, links } = await openAccessParts(served)
  const addressOf = addressFinder(listOf(options.trustedProxies))
  const operatorSecret = randomBytes(32).toString('base64url')
  const origins = listOf(options.origins)
  const isAllowedOrigin = originCheck({ isLoopback: isLoopbackName(options.host), origins })
  const addressIn = ({ env, req }: Context<{ Bindings: Partial<HttpBindings> }>): string =>
    addressOf(env.incoming?.socket.remoteAddress, req.header('x-forwarded-for'))
  const turns = new Turns({
    maxAtOnce: options.maxRequestsAtOnce,
    maxWaiting: options.maxWaitingRequests,
    sharePercent: options.requestSharePercent,
  })
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
    mayOpen: (context, head) => access.open(head, addressIn(context)),
    requiresToken: access.requiresToken,
    inTurn: (context, answer) => {
      const key = limitKeyOf(addressIn(context))
      return key === null ? answer() : turns.run(key, answer)
    },
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
}

/** Who may do what: `authorizer` and share links, watched, limited and revocable. */
async function openAccessParts({ parts, authorizer, log, options }: NetworkParts) {
  const { store, trail } = parts
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
