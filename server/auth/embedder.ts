/** Grants by a function of the program that Weft runs in. */
import { colorOf } from '../../shared/colors.ts'
import { SyncError } from '../../shared/errors.ts'
import type { AuthorizeFunction } from '../ports/authorize-function.ts'
import type { Authorizer } from '../ports/authorizer.ts'

/** An authorizer that asks `decide` each time. */
export function embedderAuthorizer(decide: AuthorizeFunction): Authorizer {
  return {
    requiresToken: true,
    async authorize(request) {
      const permission = await decide(request)
      if (permission === null) throw new SyncError('permission-denied', 'There is no access to this document.')
      const { user, role, expiresAtMs = null, tokenId = null } = permission
      if (expiresAtMs !== null && expiresAtMs <= Date.now())
        throw new SyncError('token-expired', 'The token is too old.')
      const shownAs = { id: user.id, name: user.name ?? user.id, color: user.color ?? colorOf(user.id) }
      const author = { user: shownAs.id, name: shownAs.name }
      return { author, shownAs, role, expiresAtMs, tokenId, issuedAtMs: Date.now() }
    },
  }
}
