/** What a request says of whoever sent it, whether it asks for a WebSocket or not. */
import type { IncomingMessage } from 'node:http'
import { ClientParam, Subprotocol } from '../../shared/protocol.ts'
import type { Visit } from '../core/visit.ts'

const MAX_PARAM_CHARACTERS = 128

/** Who asks for a WebSocket, with the token where there is one: in a header, as a subprotocol or in the query. */
export function visitOf({ headers }: IncomingMessage, address: string, params: URLSearchParams): Visit {
  return {
    token:
      bearerToken(headers.authorization) ?? subprotocolToken(headers['sec-websocket-protocol']) ?? queryToken(params),
    claimed: { user: param(params, ClientParam.user), name: param(params, ClientParam.name) },
    address,
  }
}

/** The subprotocol to answer with, of those a client offers; never the one that holds its token. */
export function chooseSubprotocol(offered: ReadonlySet<string>): string | false {
  if (offered.has(Subprotocol.name)) return Subprotocol.name
  return [...offered].find((name) => !name.startsWith(Subprotocol.tokenPrefix)) ?? false
}

function bearerToken(header: string | undefined): string | null {
  return /^bearer +(\S+)$/i.exec(header ?? '')?.[1] ?? null
}

function subprotocolToken(header: string | undefined): string | null {
  const offered = (header ?? '').split(',').map((name) => name.trim())
  return offered.find((name) => name.startsWith(Subprotocol.tokenPrefix))?.slice(Subprotocol.tokenPrefix.length) ?? null
}

function queryToken(params: URLSearchParams): string | null {
  const token = params.get(ClientParam.token)
  return token === '' ? null : token
}

function param(params: URLSearchParams, name: string): string {
  return (params.get(name) ?? '').slice(0, MAX_PARAM_CHARACTERS).toWellFormed()
}
