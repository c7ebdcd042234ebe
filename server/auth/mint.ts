/** Makes tokens as an embedder's backend does, for trying out. */
import { SignJWT } from 'jose'
import { SyncError } from '../../shared/errors.ts'
import type { Role } from '../../shared/roles.ts'
import { sharedAlgorithms, sharedKey } from './keys.ts'

export interface MintOptions {
  readonly jwtSecret: string
  readonly jwtAlgorithms: string
  readonly jwtIssuer: string
  readonly jwtAudience: string
}

export interface MintRequest {
  readonly user: string
  /** Empty: shown by the id. */
  readonly name: string
  readonly role: Role
  /** The document's name, or with `isPrefix` what the names of documents begin with. */
  readonly document: string
  readonly isPrefix: boolean
  readonly minutes: number
}

/** A token that a server with the same options takes. Rejects `invalid-request` when one of them is missing. */
export async function mintToken(request: MintRequest, options: MintOptions): Promise<string> {
  const { jwtSecret, jwtIssuer, jwtAudience } = options
  if (jwtSecret === '' || jwtIssuer === '' || jwtAudience === '') {
    throw new SyncError(
      'invalid-request',
      'Give the WEFT_JWT_SECRET, --jwt-issuer and --jwt-audience of the server. With public keys only who has the private one makes tokens.',
    )
  }
  const { user, name, role, document, isPrefix, minutes } = request
  const rule = isPrefix ? { prefix: document, role } : { document, role }
  return new SignJWT({ weft: [rule], ...(name === '' ? {} : { name }) })
    .setProtectedHeader({ alg: sharedAlgorithms(options)[0] ?? 'HS256' })
    .setSubject(user)
    .setIssuer(jwtIssuer)
    .setAudience(jwtAudience)
    .setJti(crypto.randomUUID())
    .setIssuedAt()
    .setExpirationTime(`${minutes} minutes`)
    .sign(sharedKey(jwtSecret))
}
