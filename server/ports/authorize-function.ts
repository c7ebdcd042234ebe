/** Access by a function of the program that Weft runs in. */
import type { Role } from '../../shared/roles.ts'
import type { AccessRequest } from './authorizer.ts'

/** What the function says of a client: who it is, and what it may do in the document it asked for. */
export interface Permission {
  readonly user: { readonly id: string; readonly name?: string; readonly color?: string }
  readonly role: Role
  /** In milliseconds since 1970; left out: it does not expire. */
  readonly expiresAtMs?: number
  /** A name for this access, to revoke it by. */
  readonly tokenId?: string
}

/** Null: no access. A rejection is taken for a fault of yours, and the client told to come back. */
export type AuthorizeFunction = (request: AccessRequest) => Permission | null | Promise<Permission | null>
