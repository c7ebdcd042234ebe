/**
 * Share links: whoever has one may do in one document what its role says.
 *
 * A link's secret is 256 random bits, shown once and kept as its SHA-256: what is on disk or in a backup opens nothing, and
 * there is no key to keep, lose or change. It is looked up each time anyway, since it can be changed and revoked, so
 * a signature would save nothing.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { SyncError } from '../../shared/errors.ts'
import type { DocumentId } from '../../shared/ids.ts'
import { parseLinkToken, writeLinkToken } from '../../shared/link-token.ts'
import type { NewShareLink, ShareLink, ShareLinkChange } from '../../shared/rest.ts'
import type { Audit, NewAuditEvent } from '../ports/audit.ts'
import type { AccessRequest, Authorizer, Grant } from '../ports/authorizer.ts'
import type { LinkStore, StoredLink } from '../ports/link-store.ts'
import type { Links, Owner } from '../ports/links.ts'
import { guest } from './guest.ts'

export interface ShareLinksDependencies {
  readonly store: LinkStore
  readonly audit: Audit
  /** A link gives something else from now on, or nothing. */
  readonly changed: (id: string) => void
}

export class ShareLinks implements Links, Authorizer {
  readonly requiresToken = true
  readonly #dependencies: ShareLinksDependencies

  constructor(dependencies: ShareLinksDependencies) {
    this.#dependencies = dependencies
  }

  async make(document: DocumentId, { role, label = '', expiresAtMs = null }: NewShareLink, owner: Owner) {
    const id = randomBytes(9).toString('base64url')
    const secret = randomBytes(32).toString('base64url')
    const link: StoredLink = {
      id,
      document,
      role,
      label,
      createdAtMs: Date.now(),
      createdBy: owner.name,
      expiresAtMs,
      revokedAtMs: null,
      secretHash: hashOf(secret).toString('hex'),
    }
    await this.#save(link, 'link-made', owner)
    return { link: shown(link), token: writeLinkToken({ id, secret }) }
  }

  async list(document: DocumentId): Promise<readonly ShareLink[]> {
    return (await this.#dependencies.store.list(document)).map(shown)
  }

  async change(document: DocumentId, id: string, change: ShareLinkChange, owner: Owner): Promise<ShareLink> {
    const link = await this.#find(document, id)
    const { role = link.role, label = link.label, expiresAtMs = link.expiresAtMs } = change
    const changed = { ...link, role, label, expiresAtMs }
    await this.#save(changed, 'link-changed', owner)
    this.#dependencies.changed(id)
    return shown(changed)
  }

  async revoke(document: DocumentId, id: string, owner: Owner): Promise<void> {
    const link = await this.#find(document, id)
    await this.#save({ ...link, revokedAtMs: Date.now() }, 'link-revoked', owner)
    this.#dependencies.changed(id)
  }

  async authorize({ document, token, claimed }: AccessRequest): Promise<Grant> {
    const link = await this.#lookUp(token ?? '')
    if (link.revokedAtMs !== null) throw new SyncError('access-revoked', 'This link was revoked.')
    if (link.document !== document) throw new SyncError('permission-denied', 'This link is for another document.')
    if (link.expiresAtMs !== null && link.expiresAtMs <= Date.now()) {
      throw new SyncError('token-expired', 'This link has expired.')
    }
    // Nobody vouches for who it is that has the link, so nobody is to be taken for a person whom a token names.
    const shownAs = guest(`guest:${link.id}:${claimed.user}`, claimed.name)
    return {
      author: { user: shownAs.id, name: shownAs.name },
      shownAs,
      role: link.role,
      expiresAtMs: link.expiresAtMs,
      tokenId: link.id,
      // Asked anew each time: what is revoked of a link is the link.
      issuedAtMs: link.createdAtMs,
    }
  }

  /** The link of a token whose secret is right: its id alone is no secret, so nothing is said about it before. */
  async #lookUp(token: string): Promise<StoredLink> {
    const parts = parseLinkToken(token)
    const link = parts === null ? null : await this.#dependencies.store.find(parts.id)
    const isRight =
      parts !== null && link !== null && timingSafeEqual(hashOf(parts.secret), Buffer.from(link.secretHash, 'hex'))
    if (!isRight) throw new SyncError('token-invalid', 'There is no such link.')
    return link
  }

  async #find(document: DocumentId, id: string): Promise<StoredLink> {
    const link = await this.#dependencies.store.find(id)
    if (link === null || link.document !== document || link.revokedAtMs !== null) {
      throw new SyncError('not-found', `Document ${document} has no link ${JSON.stringify(id)}.`)
    }
    return link
  }

  /** The audit log first: there is nothing that it does not know of. */
  async #save(link: StoredLink, action: NewAuditEvent['action'], owner: Owner): Promise<void> {
    const { id, role, expiresAtMs, document } = link
    await this.#dependencies.audit.record({ action, document, ...owner, detail: { link: id, role, expiresAtMs } })
    await this.#dependencies.store.save(link)
  }
}

/** A link as owners see it. */
function shown({ id, role, label, createdAtMs, createdBy, expiresAtMs }: StoredLink): ShareLink {
  return { id, role, label, createdAtMs, createdBy, expiresAtMs }
}

function hashOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest()
}
