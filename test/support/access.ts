/** Access for tests: everybody may do everything, or what a test's authorizer says; revocations stay in memory. */
import { defaultOptions } from '../../server/config.ts'
import { Access, type AccessOptions } from '../../server/core/access.ts'
import { openAccess } from '../../server/core/open-access.ts'
import { Revocations } from '../../server/core/revocations.ts'
import { VisitorLimits } from '../../server/core/visitor-limits.ts'
import type { Authorizer, Grant } from '../../server/ports/authorizer.ts'
import type { RevocationStore } from '../../server/ports/revocation-store.ts'
import { memoryAudit } from './links.ts'
import { quietLog } from './quiet-log.ts'

/** Access by `authorizer`. */
export function accessBy(authorizer: Authorizer = openAccess, options: Partial<AccessOptions> = {}): Access {
  const revocations = new Revocations(memoryRevocations(), [])
  return new Access({
    authorizer,
    quietAuthorizer: authorizer,
    revocations,
    limits: new VisitorLimits({
      options: defaultOptions,
      isLimited: () => false,
      newDocuments: { take: () => Promise.resolve(true), isSpent: () => Promise.resolve(false) },
    }),
    audit: memoryAudit(),
    log: quietLog(),
    options: { ...defaultOptions, ...options },
  })
}

/** A grant with what a test cares about. */
export function grantOf(grant: Partial<Grant> = {}): Grant {
  return {
    author: { user: '', name: '' },
    shownAs: null,
    role: 'editor',
    expiresAtMs: null,
    tokenId: null,
    issuedAtMs: Date.now(),
    ...grant,
  }
}

function memoryRevocations(): RevocationStore {
  return { save: () => Promise.resolve(), list: () => Promise.resolve([]) }
}
