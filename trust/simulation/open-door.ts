/** Access without accounts, as a server without keys has it: everybody may do everything. */
import { Access } from '../../server/core/access.ts'
import { openAccess } from '../../server/core/open-access.ts'
import { Revocations } from '../../server/core/revocations.ts'
import { VisitorLimits } from '../../server/core/visitor-limits.ts'
import type { Log } from '../../server/ports/log.ts'

const UNLIMITED = { maxConnectionsPerUser: Infinity, maxConnectionsPerDocument: Infinity }

export function openDoor(log: Log): Access {
  return new Access({
    authorizer: openAccess,
    quietAuthorizer: openAccess,
    revocations: new Revocations({ save: () => Promise.resolve(), list: () => Promise.resolve([]) }, []),
    limits: new VisitorLimits({
      options: UNLIMITED,
      isLimited: () => false,
      newDocuments: { take: () => Promise.resolve(true), isSpent: () => Promise.resolve(false) },
    }),
    audit: { record: () => Promise.resolve(), note: () => undefined },
    log,
    options: { expiryGraceMs: 0 },
  })
}
