/**
 * WebSocket close codes and what clients do on them.
 *
 * Stock y-websocket ≥ 3.1 treats 4400–4499 as final and retries everything else; older ones always retry.
 */

import type { ErrorCode } from './errors.ts'

/** Close codes the server sends. `docs/protocol.md` lists when each is used. */
export const CloseCode = {
  /** The process stops or restarts; come back at once. */
  restarting: 1012,
  /** Too much work or storage is failing; come back later. */
  overloaded: 1013,
  /** The message could not be read as the dialect's format, or holds an update that nobody may be made to apply. */
  malformed: 4400,
  /** No token came, or one that cannot be trusted. */
  unauthorized: 4401,
  /** The token is good and does not let the client into this document, or what it gave was revoked. */
  forbidden: 4403,
  /** The name in the path is not a document id. */
  invalidDocument: 4404,
  /** A message is larger than `maxFrameBytes`. */
  tooLarge: 4413,
  /** The token is too old; come back with a fresh one. */
  expired: 4501,
  /** The document is quarantined or failed to load; retrying may help after a repair. */
  unavailable: 4503,
  /** This connection does not read fast enough; it may come back and sync by one diff. */
  tooSlow: 4508,
  /** More connections than `maxConnectionsPerAddress`. */
  tooManyOfAddress: 4531,
  /** More connections than `maxConnectionsPerUser`. */
  tooManyOfUser: 4532,
  /** More connections than `maxConnectionsPerDocument`. */
  tooManyOfDocument: 4533,
  /** More tokens that were no good than `maxFailedTokensPerMinute`. */
  tooManyFailures: 4534,
  /** More new documents than `maxNewDocumentsPerHour`. */
  tooManyNewDocuments: 4535,
} as const

export type CloseCode = (typeof CloseCode)[keyof typeof CloseCode]

/** The close code that tells a client how to go on after `code`. */
export function closeCodeFor(code: ErrorCode): CloseCode {
  switch (code) {
    case 'malformed-frame':
    case 'malformed-update':
    case 'update-too-costly':
      return CloseCode.malformed
    case 'frame-too-large':
    case 'document-full':
      return CloseCode.tooLarge
    case 'auth-timed-out':
    case 'token-missing':
    case 'token-invalid':
      return CloseCode.unauthorized
    case 'token-expired':
      return CloseCode.expired
    case 'permission-denied':
    case 'access-revoked':
    case 'read-only':
    case 'comments-only':
      return CloseCode.forbidden
    case 'invalid-document-id':
      return CloseCode.invalidDocument
    case 'too-many-connections-of-address':
      return CloseCode.tooManyOfAddress
    case 'too-many-connections-of-user':
      return CloseCode.tooManyOfUser
    case 'too-many-connections-of-document':
      return CloseCode.tooManyOfDocument
    case 'too-many-failures':
      return CloseCode.tooManyFailures
    case 'too-many-new-documents':
      return CloseCode.tooManyNewDocuments
    case 'shutting-down':
      return CloseCode.restarting
    case 'storage-corrupt':
    case 'quarantined':
    case 'not-found':
      return CloseCode.unavailable
    default:
      return CloseCode.overloaded
  }
}
