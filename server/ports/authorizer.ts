/**
 * Who may do what: asked once for each client and document, again with each new token, and again when told that
 * the answer may have changed.
 */
import type { DocumentId } from '../../shared/ids.ts'
import type { Role } from '../../shared/roles.ts'
import type { Author } from './store.ts'

/** Who others see behind a client's caret, whatever the client says: the `user` of its awareness states. */
export interface ShownUser {
  readonly id: string
  readonly name: string
  /** A CSS colour. */
  readonly color: string
}

/** What a client may do in one document. A grant never changes; a renewed one takes its place. */
export interface Grant {
  /** Recorded with what the client writes. From the token where there is one. */
  readonly author: Author
  /** Null: nobody vouches for the client, which is shown as it says. */
  readonly shownAs: ShownUser | null
  readonly role: Role
  /** From then on nothing more is written, in milliseconds since 1970; null: never. */
  readonly expiresAtMs: number | null
  /** What a revocation may name: the token's `jti`, or a share link's id. Null: it has no name. */
  readonly tokenId: string | null
  /**
   * When access was given, in milliseconds since 1970: revoking a user or a document ends what was given before.
   * 0 when the token does not say; the present where the answer is made anew each time.
   */
  readonly issuedAtMs: number
}

export interface AccessRequest {
  readonly document: DocumentId
  /** Null when the client sent none. Never to be logged. */
  readonly token: string | null
  /** Who the client says it is: an author only where nobody vouches for anybody. */
  readonly claimed: Author
  /** The address it connects from; empty when it is in this process. */
  readonly address: string
}

/**
 * Called for every session and request, so an answer should take microseconds once keys are at hand. Renewing is
 * asking again with the new token, a live change of role asking again with the old one; see core/access.ts.
 */
export interface Authorizer {
  /** Nobody is let in without a token, so a client that sent none yet is waited for. */
  readonly requiresToken: boolean
  /**
   * Rejects with a SyncError: `token-missing`, `token-invalid`, `token-expired`, `access-revoked`, or
   * `permission-denied` when the token is good and gives nothing here; anything else is our fault, to be tried again.
   */
  authorize(request: AccessRequest): Promise<Grant>
}

/** Ends access that was given: at once where it is in use, and for good, since it is stored. */
export type Revocation =
  /** One token, by its `jti`, or one share link, by its id. */
  | { readonly kind: 'token'; readonly id: string }
  /** Everything given to a user before now. */
  | { readonly kind: 'user'; readonly id: string }
  /** Everything given before now, in one document; `id` is the document. */
  | { readonly kind: 'document'; readonly id: string }
