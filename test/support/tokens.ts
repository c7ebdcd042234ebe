/** Tokens as an embedder's backend makes them. */
import { type JWTPayload, SignJWT } from 'jose'
import type { Options } from '../../server/config.ts'
import type { Role } from '../../shared/roles.ts'

const SECRET = 'a secret for tests, longer than 32 bytes'
const ISSUER = 'https://app.example'
const AUDIENCE = 'weft'

/** What a server needs to take the tokens of `mint`. */
export const tokenOptions: Partial<Options> = { jwtSecret: SECRET, jwtIssuer: ISSUER, jwtAudience: AUDIENCE }

export interface Minted {
  readonly user?: string
  readonly name?: string
  readonly role?: Role | 'none'
  readonly document?: string
  readonly id?: string
  /** From now. */
  readonly lifeMs?: number
  /** Claims besides, or instead. */
  readonly claims?: JWTPayload
}

/** A token for one document, by default an editor's. */
export function mint({
  user = 'ann',
  name,
  role = 'editor',
  document = 'plan',
  id,
  lifeMs = 3_600_000,
  claims = {},
}: Minted = {}): Promise<string> {
  const nowS = Date.now() / 1_000
  return new SignJWT({
    iss: ISSUER,
    aud: AUDIENCE,
    sub: user,
    name: name ?? user,
    iat: Math.floor(nowS),
    exp: nowS + lifeMs / 1_000,
    weft: [{ document, role }],
    ...(id === undefined ? {} : { jti: id }),
    ...claims,
  })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .sign(new TextEncoder().encode(SECRET))
}
