/** Where revocations are kept, so that a restart remembers them. */
import type { Revocation } from './authorizer.ts'

export interface StoredRevocation {
  readonly kind: Revocation['kind']
  readonly id: string
  /** Milliseconds since 1970. */
  readonly atMs: number
}

export interface RevocationStore {
  /** Adds a revocation, or replaces an older one of the same; resolves when it is on disk. */
  save(revocation: StoredRevocation): Promise<void>
  list(): Promise<readonly StoredRevocation[]>
}
