/** Which authorizer a token is for, by its form. */
import { parseLinkToken } from '../../shared/link-token.ts'
import type { Authorizer } from '../ports/authorizer.ts'

/** Tokens of share links go to `links`; everything else goes to `others`, and so does no token. */
export function byTokenKind(links: Authorizer, others: Authorizer): Authorizer {
  return {
    requiresToken: others.requiresToken,
    authorize(request) {
      const isLink = request.token !== null && parseLinkToken(request.token) !== null
      return (isLink ? links : others).authorize(request)
    },
  }
}
