/** Making and ending share links. All promises reject with a SyncError; `not-found` when the document has no such link. */
import type { DocumentId } from '../../shared/ids.ts'
import type { NewShareLink, ShareLink, ShareLinkChange } from '../../shared/rest.ts'

/** Whoever does it, for the audit log. */
export interface Owner {
  readonly user: string
  readonly name: string
  readonly address: string
}

export interface Links {
  /** The token opens the document from when the promise resolves on; nobody can be told it again. */
  make(
    document: DocumentId,
    link: NewShareLink,
    owner: Owner,
  ): Promise<{ readonly link: ShareLink; readonly token: string }>
  /** Newest first; expired ones too, revoked ones not. */
  list(document: DocumentId): Promise<readonly ShareLink[]>
  /** Whoever came by it feels it at once. */
  change(document: DocumentId, id: string, change: ShareLinkChange, owner: Owner): Promise<ShareLink>
  /** Whoever came by it is sent away at once; it lets nobody in again. */
  revoke(document: DocumentId, id: string, owner: Owner): Promise<void>
}
