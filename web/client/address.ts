/** Where a document is reached. Pure: it knows no page and opens nothing. */
import { SyncError } from '../../shared/errors.ts'
import { parseDocumentId } from '../../shared/ids.ts'

const SOCKET_SCHEMES = new Map([
  ['http:', 'ws:'],
  ['https:', 'wss:'],
  ['ws:', 'ws:'],
  ['wss:', 'wss:'],
])

export interface Address {
  /** WebSocket URL that rooms hang below, without a slash at the end. */
  readonly serverUrl: string
  /** The document, percent-encoded. */
  readonly roomName: string
}

/**
 * The address of `document` on `server`, an `http`, `https`, `ws` or `wss` URL that may have a path.
 * Throws `invalid-document-id`, or `invalid-request` for a server that is none; null is none.
 */
export function addressOf(server: string | null, document: string): Address {
  if (server === null) throw new SyncError('invalid-request', 'There is no page to take the server from; name one.')
  if (!URL.canParse(server)) throw new SyncError('invalid-request', `${JSON.stringify(server)} is not a server's URL.`)
  const url = new URL(server)
  const scheme = SOCKET_SCHEMES.get(url.protocol)
  if (scheme === undefined) {
    throw new SyncError('invalid-request', `${server} is not reached over http, https, ws or wss.`)
  }
  const path = url.pathname.replace(/\/+$/, '')
  return { serverUrl: `${scheme}//${url.host}${path}/ws`, roomName: roomNameOf(document) }
}

function roomNameOf(document: string): string {
  const parts = parseDocumentId(document).split('/')
  const hasDots = parts.some((part) => part === '.' || part === '..')
  if (hasDots && parts.length === 1) {
    throw new SyncError('invalid-document-id', `${JSON.stringify(document)} cannot be written as the end of a URL.`)
  }
  // URL parsers resolve `..` between slashes, even when percent-encoded; with the slashes encoded it is left alone.
  return hasDots ? encodeURIComponent(document) : parts.map(encodeURIComponent).join('/')
}
