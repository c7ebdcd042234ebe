/** Who may do what: asked once for each client and document, and again with each new token. */
import type { DocumentId } from '../../shared/ids.ts'
import type { Author } from './store.ts'

/** What a client may do in one document. */
export interface Grant {
  /** Recorded with what the client writes. */
  readonly author: Author
  readonly mayWrite: boolean
}

export interface AccessRequest {
  readonly document: DocumentId
  /** Null when the client sent none. */
  readonly token: string | null
  /** Who the client says it is. */
  readonly claimed: Author
}

export interface Authorizer {
  /** Nobody is let in without a token, so a client that sent none yet is waited for. */
  readonly requiresToken: boolean
  /** Rejects with a SyncError `permission-denied`. */
  authorize(request: AccessRequest): Promise<Grant>
}
