/** Which path leads where: the dialect it speaks, and the document it names where the path names one. */
import type { IncomingMessage } from 'node:http'
import { SyncError } from '../../shared/errors.ts'
import { type DocumentId, parseDocumentId } from '../../shared/ids.ts'
import type { Access } from '../core/access.ts'
import type { Rooms } from '../core/rooms.ts'
import type { Visit } from '../core/visit.ts'
import type { Client, Connection } from '../ports/connection.ts'
import type { Dialect } from '../ports/dialect.ts'
import { visitOf } from './visit.ts'

/** Makes the client of a connection whose handshake was answered. Throws a SyncError. */
export type StartClient = (connection: Connection) => Client

export interface Request {
  /** What follows the route's prefix, as it came. */
  readonly rest: string
  readonly params: URLSearchParams
  readonly visit: Visit
}

export interface Route {
  /** A path belongs to the route that it begins with; without a slash at the end only whole path parts count. */
  readonly prefix: string
  /** Does what takes time, before the handshake is answered. Rejects with a SyncError. */
  prepare(request: Request): Promise<StartClient>
}

/** A route found for a URL. */
export interface Target {
  prepare(): Promise<StartClient>
}

export interface DocumentRoute {
  readonly prefix: string
  /** The name of the document in the rest of the path, still percent-encoded; null when there is none. */
  readonly nameIn: (rest: string) => string | null
  readonly dialect: (params: URLSearchParams) => Dialect
}

/**
 * A route whose path names the one document of a connection. The client is let in, and the room loaded, before the
 * handshake is answered.
 */
export function documentRoute(rooms: Rooms, admission: Access, { prefix, nameIn, dialect }: DocumentRoute): Route {
  return {
    prefix,
    async prepare({ rest, params, visit }) {
      const document = documentOf(nameIn(rest) ?? '')
      const access = await admission.admit({ ...visit, document })
      const room = await rooms.load(document)
      await admission.open(room.head, visit.address)
      return (connection) => rooms.startSession(room, { connection, dialect: dialect(params), access })
    },
  }
}

/** The route that a request's URL belongs to; null when there is none. `address` is where it comes from. */
export function findTarget(request: IncomingMessage, address: string, routes: readonly Route[]): Target | null {
  const { url = '/' } = request
  // Parsed by hand: `new URL` would fold `..` and repeated slashes, which are letters of a document's name here.
  const question = url.indexOf('?')
  const pathname = question === -1 ? url : url.slice(0, question)
  const params = new URLSearchParams(question === -1 ? '' : url.slice(question))
  const route = routes.find(({ prefix }) => isBelow(pathname, prefix))
  if (route === undefined) return null
  const rest = pathname.slice(route.prefix.length)
  const visit = visitOf(request, address, params)
  return { prepare: () => route.prepare({ rest, params, visit }) }
}

function isBelow(pathname: string, prefix: string): boolean {
  if (!pathname.startsWith(prefix)) return false
  return prefix.endsWith('/') || pathname.length === prefix.length || pathname[prefix.length] === '/'
}

function documentOf(encoded: string): DocumentId {
  try {
    return parseDocumentId(decodeURIComponent(encoded))
  } catch (cause) {
    if (cause instanceof SyncError) throw cause
    throw new SyncError(
      'invalid-document-id',
      `Document name ${JSON.stringify(encoded)} is not percent-encoded UTF-8.`,
      { cause },
    )
  }
}
