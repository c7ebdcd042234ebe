/** /api/v1/documents: list, name a new one, history, restore. */
import { randomBytes } from 'node:crypto'
import { Hono } from 'hono'
import { z } from 'zod'
import { SyncError } from '../../shared/errors.ts'
import { parseDocumentId } from '../../shared/ids.ts'
import type { DocumentSummary } from '../../shared/rest.ts'
import type { Operator } from '../ports/operator.ts'
import type { Store } from '../ports/store.ts'
import { type Allow, bearerToken, type MayRead } from './allow.ts'
import { parse } from './parse.ts'

export interface DocumentRoutesDependencies {
  readonly store: Store
  readonly operator: Operator
  readonly allow: Allow
  readonly mayRead: MayRead
  /** Nobody is shown anything without a token. */
  readonly requiresToken: boolean
}

const MAX_LISTED = 1_000

const limit = z.coerce.number().int().min(1).max(MAX_LISTED).default(200)

const restoreRequest = z.union([
  z.object({ seq: z.number().int().min(0), dryRun: z.boolean().optional(), name: z.string().max(128).optional() }),
  z.object({ timeMs: z.number().min(0), dryRun: z.boolean().optional(), name: z.string().max(128).optional() }),
])

/** Routes relative to /api/v1/documents. Document names are percent-encoded, slashes included. */
export function documentRoutes(dependencies: DocumentRoutesDependencies): Hono {
  const { store, operator, allow, mayRead, requiresToken } = dependencies
  return new Hono()
    .get('/', async (context) => {
      const count = parse(limit, context.req.query('limit'))
      if (requiresToken && bearerToken(context) === null) {
        throw new SyncError('token-missing', 'The list of documents needs a token.')
      }
      const readable: DocumentSummary[] = []
      for (const summary of await store.list(MAX_LISTED)) {
        if (readable.length === count) break
        if (await mayRead(context, parseDocumentId(summary.document))) readable.push(summary)
      }
      return context.json({ documents: readable })
    })
    .post('/', (context) => {
      // Only a name: the document exists from its first edit on. 72 random bits are not guessed.
      return context.json({ document: randomBytes(9).toString('base64url') }, 201)
    })
    .get('/:document/history', async (context) => {
      const document = parseDocumentId(context.req.param('document'))
      const count = parse(limit, context.req.query('limit'))
      await allow(context, document, 'read')
      return context.json({ entries: await operator.timeline(document, count) })
    })
    .post('/:document/restore', async (context) => {
      const document = parseDocumentId(context.req.param('document'))
      const body = parse(restoreRequest, await context.req.json().catch(() => null))
      const moment = 'seq' in body ? { seq: body.seq } : { timeMs: body.timeMs }
      const grant = await allow(context, document, 'write')
      const author = grant.shownAs === null ? { user: 'restore', name: body.name ?? 'Restore' } : grant.author
      return context.json(await operator.restore(document, { moment, dryRun: body.dryRun ?? false, author }))
    })
}
