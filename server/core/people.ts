/** Who has which role in a document: those who are here, and those the audit log says were let in before. */
import type { DocumentId } from '../../shared/ids.ts'
import type { AuditEntry, Person, ShareLink } from '../../shared/rest.ts'
import { isRole } from '../../shared/roles.ts'
import type { AuditStore } from '../ports/audit.ts'
import type { Grant } from '../ports/authorizer.ts'
import type { Links } from '../ports/links.ts'

export interface PeopleSources {
  readonly audit: AuditStore
  readonly links: Links
  /** The grants in use in a document. */
  readonly present: (document: DocumentId) => readonly Grant[]
}

const MAX_PEOPLE = 200

/** Last seen first, at most 200. Whoever came by a link has what the link gives now; by a revoked one, nothing. */
export async function peopleOf(document: DocumentId, { audit, links, present }: PeopleSources): Promise<Person[]> {
  const [entries, live] = await Promise.all([
    audit.latestOfEachUser(document, 'access-granted', MAX_PEOPLE),
    links.list(document),
  ])
  const linksById = new Map(live.map((link) => [link.id, link]))
  const people = new Map<string, Person>()
  for (const { author, role } of present(document)) {
    const person: Person = { ...author, role, by: 'open', link: null, lastSeenAtMs: Date.now() }
    people.set(keyOf(person), person)
  }
  for (const entry of entries) {
    const before = toPerson(entry, linksById)
    if (before === null) continue
    const here = people.get(before.user)
    people.set(before.user, here === undefined ? before : { ...here, by: before.by, link: before.link })
  }
  return [...people.values()].sort((a, b) => b.lastSeenAtMs - a.lastSeenAtMs).slice(0, MAX_PEOPLE)
}

/** Null when they have no role any more. */
function toPerson({ user, name, atMs, detail }: AuditEntry, links: ReadonlyMap<string, ShareLink>): Person | null {
  const { role, by, tokenId } = detail
  if (by !== 'link') return isRole(role) ? { user, name, role, by: 'token', link: null, lastSeenAtMs: atMs } : null
  const link = links.get(String(tokenId))
  return link === undefined ? null : { user, name, role: link.role, by, link: link.id, lastSeenAtMs: atMs }
}

/** Where nobody vouches for anybody, people without an id are told apart by their names. */
function keyOf({ user, name }: Person): string {
  return user === '' ? `name:${name}` : user
}
