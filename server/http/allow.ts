/** Whether a request may do what it asks for: the same question for every route, answered as for sessions. */
import type { Context } from 'hono'
import { SyncError } from '../../shared/errors.ts'
import type { DocumentId } from '../../shared/ids.ts'
import { type Action, can } from '../../shared/roles.ts'
import type { Access } from '../core/access.ts'
import type { Grant } from '../ports/authorizer.ts'
import type { Author } from '../ports/store.ts'

/** The grant of whoever sent the request. Rejects with a SyncError when it does not allow `action` in the document. */
export type Allow = (context: Context, document: DocumentId, action: Action) => Promise<Grant>

/** Whether whoever sent the request may read the document, one of many. Rejects when their token is no good anywhere. */
export type MayRead = (context: Context, document: DocumentId) => Promise<boolean>

const NOBODY: Author = { user: '', name: '' }

/** Asks `access`. `addressOf` tells where a request comes from. */
export function allowBy(access: Access, addressOf: (context: Context) => string): Allow {
  return async (context, document, action) => {
    const token = bearerToken(context)
    const grant = await access.authorize({ document, token, claimed: NOBODY, address: addressOf(context) })
    if (can(grant.role, action)) return grant
    if (action === 'write' && can(grant.role, 'comment')) {
      throw new SyncError('comments-only', `A ${grant.role} may change the comments only.`)
    }
    throw new SyncError(action === 'write' ? 'read-only' : 'permission-denied', `A ${grant.role} may not do that here.`)
  }
}

/** Asks `access` about one document of many. */
export function mayReadBy(access: Access, addressOf: (context: Context) => string): MayRead {
  return (context, document) => {
    return access.mayRead({ document, token: bearerToken(context), claimed: NOBODY, address: addressOf(context) })
  }
}

/** The token a request came with; null when it came without. */
export function bearerToken(context: Context): string | null {
  return /^bearer +(\S+)$/i.exec(context.req.header('authorization') ?? '')?.[1] ?? null
}
