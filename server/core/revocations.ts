/** What was revoked. All of it is in memory: it is asked for every grant, and there is little of it. */
import { SyncError } from '../../shared/errors.ts'
import type { DocumentId } from '../../shared/ids.ts'
import type { Grant, Revocation } from '../ports/authorizer.ts'
import type { RevocationStore, StoredRevocation } from '../ports/revocation-store.ts'

export class Revocations {
  readonly #store: RevocationStore
  readonly #tokens = new Set<string>()
  /** When each user, and each document, was revoked last. */
  readonly #users = new Map<string, number>()
  readonly #documents = new Map<string, number>()

  /** `stored` is what the store has. */
  constructor(store: RevocationStore, stored: readonly StoredRevocation[]) {
    this.#store = store
    for (const { kind, id, atMs } of stored) this.#remember({ kind, id }, atMs)
  }

  /** In force at once; resolves when it is on disk. */
  async add(revocation: Revocation): Promise<void> {
    const atMs = Date.now()
    this.#remember(revocation, atMs)
    await this.#store.save({ ...revocation, atMs })
  }

  /** Throws `access-revoked` when the grant is. */
  check(grant: Grant, document: DocumentId): void {
    const error = this.find(grant, document)
    if (error !== null) throw error
  }

  /** `access-revoked` when the grant is; null when it is not. */
  find({ tokenId, author, issuedAtMs }: Grant, document: DocumentId): SyncError | null {
    const isRevoked =
      (tokenId !== null && this.#tokens.has(tokenId)) ||
      issuedAtMs <= (this.#users.get(author.user) ?? -1) ||
      issuedAtMs <= (this.#documents.get(document) ?? -1)
    return isRevoked ? new SyncError('access-revoked', 'This access was revoked.') : null
  }

  #remember({ kind, id }: Revocation, atMs: number): void {
    if (kind === 'token') this.#tokens.add(id)
    else if (kind === 'user') this.#users.set(id, atMs)
    else this.#documents.set(id, atMs)
  }
}
