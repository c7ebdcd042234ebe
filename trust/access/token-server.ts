/** A server that lets nobody in without a token, and the tokens it takes. */
import { readServerFile } from '../../server/server-file.ts'
import { GOOD, hs256, SECRET } from './forged-tokens.ts'
import type { Role } from '../../shared/roles.ts'
import type { Lab } from '../lab.ts'
import type { ServerOptions, ServerProcess } from '../server-process.ts'

export interface Claims {
  readonly user: string
  /** In every document. */
  readonly role: Role
  /** From now. */
  readonly lifeMs?: number
  readonly id?: string
}

export function tokenServer(lab: Lab, options: Partial<ServerOptions> = {}): Promise<ServerProcess> {
  return lab.server({
    ...options,
    env: { WEFT_JWT_SECRET: SECRET, ...options.env },
    args: ['--jwt-issuer', String(GOOD['iss']), '--jwt-audience', String(GOOD['aud']), ...(options.args ?? [])],
  })
}

export function tokenOf({ user, role, lifeMs = 3_600_000, id }: Claims): string {
  const nowMs = Date.now()
  return hs256({
    ...GOOD,
    sub: user,
    name: user,
    // Fractions, so that what is revoked in this second is told from what is given after it.
    iat: nowMs / 1_000,
    exp: (nowMs + lifeMs) / 1_000,
    weft: [{ prefix: '', role }],
    ...(id === undefined ? {} : { jti: id }),
  })
}

/** The secret that lets an operator in. */
export async function operatorSecret(server: ServerProcess): Promise<string> {
  const file = await readServerFile(server.data)
  if (file === null) throw new Error('The server has not announced itself.')
  return file.secret
}

/** What a request is made of; headers by name. */
export type Asked = Omit<RequestInit, 'headers'> & { readonly headers?: Readonly<Record<string, string>> }

/** A request with a token. */
export function ask(url: string, token: string, asked: Asked = {}): Promise<Response> {
  return fetch(url, { ...asked, headers: { authorization: `Bearer ${token}`, ...asked.headers } })
}

/** What is asked with a body of JSON. */
export function json(method: string, body: unknown): Asked {
  return { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
}
