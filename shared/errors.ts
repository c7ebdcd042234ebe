/**
 * The one error type that crosses a boundary: a code for machines, a sentence for people.
 *
 * Messages name the value that was wrong and what to do; they never hold document content or tokens.
 */

/** Why something was refused or failed. Stable: clients, tests and docs/protocol.md rely on the words. */
export type ErrorCode =
  | 'invalid-document-id'
  | 'malformed-frame'
  | 'malformed-update'
  | 'update-too-costly'
  | 'frame-too-large'
  | 'document-full'
  | 'too-many-pending'
  | 'too-many-connections-of-address'
  | 'too-many-connections-of-user'
  | 'too-many-connections-of-document'
  | 'too-many-failures'
  | 'too-many-requests'
  | 'too-many-new-documents'
  | 'permission-denied'
  | 'auth-timed-out'
  | 'token-missing'
  | 'token-invalid'
  | 'token-expired'
  | 'access-revoked'
  | 'read-only'
  | 'comments-only'
  | 'not-found'
  | 'invalid-request'
  | 'invalid-moment'
  | 'nothing-to-restore'
  | 'storage-failed'
  | 'storage-full'
  | 'storage-corrupt'
  | 'storage-locked'
  | 'quarantined'
  | 'overloaded'
  | 'shutting-down'
  | 'job-failed'
  | 'job-timed-out'
  | 'unsupported-runtime'
  | 'unreadable-source'

export class SyncError extends Error {
  override readonly name = 'SyncError'
  readonly code: ErrorCode

  constructor(code: ErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options)
    this.code = code
  }
}

/** `thrown` as a SyncError: itself when it is one, else wrapped under `code` with the cause kept. */
export function asSyncError(thrown: unknown, code: ErrorCode): SyncError {
  if (thrown instanceof SyncError) return thrown
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  return new SyncError(code, message, { cause: thrown })
}
