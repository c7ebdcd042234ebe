/** Share links in memory, and an audit log that remembers what it was told. */
import type { Audit, AuditStore, NewAuditEvent } from '../../server/ports/audit.ts'
import type { LinkStore, StoredLink } from '../../server/ports/link-store.ts'

export function memoryLinks(): LinkStore & { readonly all: Map<string, StoredLink> } {
  const all = new Map<string, StoredLink>()
  return {
    all,
    save: (link) => Promise.resolve(void all.set(link.id, link)),
    find: (id) => Promise.resolve(all.get(id) ?? null),
    list: (document) =>
      Promise.resolve([...all.values()].filter((link) => link.document === document && link.revokedAtMs === null)),
  }
}

export function memoryAudit(): Audit & { readonly events: readonly NewAuditEvent[] } {
  const events: NewAuditEvent[] = []
  return {
    events,
    record: (event) => Promise.resolve(void events.push(event)),
    note: (event) => void events.push(event),
  }
}

/** An audit log that nothing was written to, and that keeps nothing. */
export const emptyAuditStore: AuditStore = {
  append: () => Promise.resolve(),
  read: () => Promise.resolve([]),
  latestOfEachUser: () => Promise.resolve([]),
}
