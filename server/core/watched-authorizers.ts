/** Authorizers around another one: they watch what it answers. */
import { asSyncError, type ErrorCode, SyncError } from '../../shared/errors.ts'
import type { Person } from '../../shared/rest.ts'
import type { Audit } from '../ports/audit.ts'
import type { Authorizer } from '../ports/authorizer.ts'
import type { Quota } from '../ports/quota.ts'

/** Answers that say something about who asked; the others are about us. */
const REFUSALS: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'token-invalid',
  'token-expired',
  'access-revoked',
  'permission-denied',
])

/** Notes who was let in and who was not; `by` is what kind of token `authorizer` knows. */
export function audited(authorizer: Authorizer, audit: Audit, by: Person['by']): Authorizer {
  return {
    requiresToken: authorizer.requiresToken,
    async authorize(request) {
      const { document, address, claimed } = request
      try {
        const grant = await authorizer.authorize(request)
        const { role, author, tokenId } = grant
        audit.note({ action: 'access-granted', document, address, ...author, detail: { role, by, tokenId } })
        return grant
      } catch (thrown) {
        const { code } = asSyncError(thrown, 'job-failed')
        const detail = { code, by, claimed: claimed.name }
        if (REFUSALS.has(code)) audit.note({ action: 'access-denied', document, address, user: '', name: '', detail })
        throw thrown
      }
    },
  }
}

/** Looks at no more tokens from an address that brought too many which were no good: checking one costs us more than sending it. */
export function limited(authorizer: Authorizer, failures: Quota, audit: Audit): Authorizer {
  return {
    requiresToken: authorizer.requiresToken,
    async authorize(request) {
      if (await failures.isSpent(request.address)) {
        const { address } = request
        audit.note({
          action: 'limit-reached',
          document: '',
          user: '',
          name: '',
          address,
          detail: { code: 'too-many-failures' },
        })
        throw new SyncError('too-many-failures', `Too many tokens from ${address} were no good; wait a minute.`)
      }
      try {
        return await authorizer.authorize(request)
      } catch (thrown) {
        // A token that is too old, or for something else, is no guess: whole offices come with such after a weekend.
        if (asSyncError(thrown, 'job-failed').code === 'token-invalid') await failures.take(request.address)
        throw thrown
      }
    },
  }
}
