/** Failed requests as RFC 9457 problem documents. */
import type { Context } from 'hono'
import { HTTPException } from 'hono/http-exception'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { asSyncError, type ErrorCode } from '../../shared/errors.ts'
import { redact } from '../../shared/redact.ts'
import type { Problem } from '../../shared/rest.ts'

const STATUS: Partial<Record<ErrorCode, ContentfulStatusCode>> = {
  'invalid-document-id': 400,
  'invalid-request': 400,
  'invalid-moment': 400,
  'malformed-update': 400,
  'token-missing': 401,
  'token-invalid': 401,
  'token-expired': 401,
  'access-revoked': 403,
  'permission-denied': 403,
  'read-only': 403,
  'comments-only': 403,
  'not-found': 404,
  'update-too-costly': 422,
  'frame-too-large': 413,
  'document-full': 413,
  'storage-corrupt': 503,
  'storage-failed': 503,
  'storage-full': 507,
  'shutting-down': 503,
  overloaded: 503,
  'too-many-failures': 429,
  'too-many-new-documents': 429,
  'too-many-requests': 429,
}

/** After how many seconds what was too much may be tried again. */
const RETRY_AFTER: Partial<Record<ErrorCode, string>> = {
  'too-many-failures': '60',
  'too-many-new-documents': '3600',
  'too-many-requests': '1',
}

/** The answer to a request that threw. */
export function problemResponse(context: Context, thrown: unknown): Response {
  if (thrown instanceof HTTPException) return thrown.getResponse()
  const { code, message } = asSyncError(thrown, 'job-failed')
  const status = STATUS[code] ?? 500
  const problem: Problem = { status, title: redact(message), code }
  const retryAfter = RETRY_AFTER[code]
  const headers = {
    'content-type': 'application/problem+json',
    ...(status === 401 && { 'www-authenticate': 'Bearer' }),
    ...(retryAfter !== undefined && { 'retry-after': retryAfter }),
  }
  return context.json(problem, status, headers)
}
