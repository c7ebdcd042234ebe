/** Where share links are kept. */
import type { ShareLink } from '../../shared/rest.ts'

/** A link as it is kept: without its secret, which cannot be told from its hash. */
export interface StoredLink extends ShareLink {
  readonly document: string
  /** SHA-256 of the secret, as hex. */
  readonly secretHash: string
  /** Null while it is good. Kept so that whoever comes by it can be told why it does not work. */
  readonly revokedAtMs: number | null
}

export interface LinkStore {
  /** Adds a link, or replaces the one with its id; resolves when it is on disk. */
  save(link: StoredLink): Promise<void>
  /** Revoked ones too; null when there never was one. */
  find(id: string): Promise<StoredLink | null>
  /** The links of a document that are not revoked, newest first. */
  list(document: string): Promise<readonly StoredLink[]>
}
