/** Health for supervisors, and the operator's routes, which need the secret that lies in the data folder. */
import { createHash, timingSafeEqual } from 'node:crypto'
import { Hono } from 'hono'
import { bearerAuth } from 'hono/bearer-auth'
import { z } from 'zod'
import { asSyncError, SyncError } from '../../shared/errors.ts'
import { parseDocumentId } from '../../shared/ids.ts'
import { unpackUpdates } from '../../shared/update/pack.ts'
import type { CommitTrouble } from '../core/committer.ts'
import type { Revocation } from '../ports/authorizer.ts'
import type { Operator } from '../ports/operator.ts'
import type { Store } from '../ports/store.ts'
import { parse } from './parse.ts'

const revocation = z.object({ kind: z.enum(['token', 'user', 'document']), id: z.string().min(1).max(512) })

const repairRequest = z.object({
  document: z.string(),
  action: z.enum(['look', 'drop', 'keep']),
  seqs: z.array(z.number().int().min(1)).nullable(),
  by: z.string().max(128),
})

const timelineQuery = z.object({ document: z.string(), limit: z.number().int().min(1) })

const restoreRequest = z.object({
  document: z.string(),
  moment: z.union([z.object({ seq: z.number().int().min(0) }), z.object({ timeMs: z.number().min(0) })]),
  dryRun: z.boolean(),
  name: z.string().max(128),
})

const auditQuery = z.object({
  document: z.string().exactOptional(),
  user: z.string().exactOptional(),
  fromMs: z.number().exactOptional(),
  toMs: z.number().exactOptional(),
  limit: z.number().int().min(1).max(100_000),
})
const backupRequest = z.object({ file: z.string().min(1) })

/** In the query, since the body is the copy's packed updates. */
const importRequest = z.object({
  document: z.string(),
  encoding: z.enum(['v1', 'v2', 'unknown']),
  dryRun: z.stringbool().default(false),
  name: z.string().max(128).default('Import'),
})

export interface Health {
  /** The process takes new sessions. */
  readonly isAccepting: boolean
  /** Why commits fail; null while they succeed. */
  readonly trouble: CommitTrouble | null
}

/** `/healthz`: the process is alive. `/readyz`: the store can write and the server is not stopping. */
export function healthRoutes(store: Store, health: () => Health): Hono {
  return new Hono()
    .get('/healthz', (context) => context.json({ status: 'ok' }))
    .get('/readyz', async (context) => {
      const { isAccepting, trouble } = health()
      if (!isAccepting) return context.json({ status: 'stopping' }, 503)
      if (trouble !== null) return context.json({ status: trouble.code, failingSinceMs: trouble.sinceMs }, 503)
      try {
        await store.probe()
      } catch (thrown) {
        const { code, message } = asSyncError(thrown, 'storage-failed')
        return context.json({ status: code, reason: message }, 503)
      }
      const quarantined = (await store.quarantined()).length
      return context.json({ status: 'ready', ...(quarantined > 0 && { quarantined }) })
    })
}

/** Routes relative to /api/v1/operator. */
export function operatorRoutes(
  operator: Operator,
  revoke: (revocation: Revocation) => Promise<void>,
  secret: string,
): Hono {
  const verifyToken = (token: string): boolean => timingSafeEqual(digest(token), digest(secret))
  return new Hono()
    .use(bearerAuth({ verifyToken }))
    .post('/backup', async (context) => {
      const body = backupRequest.safeParse(await context.req.json().catch(() => null))
      if (!body.success) throw new SyncError('invalid-request', 'Name the file to back up to: {"file": "/path"}.')
      return context.json(await operator.backup(body.data.file))
    })
    .post('/import', async (context) => {
      const { document, encoding, dryRun, name } = parse(importRequest, context.req.query())
      const updates = unpackUpdates(new Uint8Array(await context.req.arrayBuffer()))
      const author = { user: 'import', name }
      return context.json(await operator.import(parseDocumentId(document), { updates, encoding, dryRun, author }))
    })
    .post('/history', async (context) => {
      const { document, limit } = parse(timelineQuery, await context.req.json().catch(() => null))
      return context.json({ entries: await operator.timeline(parseDocumentId(document), limit) })
    })
    .post('/restore', async (context) => {
      const { document, moment, dryRun, name } = parse(restoreRequest, await context.req.json().catch(() => null))
      const author = { user: 'restore', name }
      return context.json(await operator.restore(parseDocumentId(document), { moment, dryRun, author }))
    })
    .post('/revoke', async (context) => {
      await revoke(parse(revocation, await context.req.json().catch(() => null)))
      return context.body(null, 204)
    })
    .post('/repair', async (context) => {
      const { document, ...request } = parse(repairRequest, await context.req.json().catch(() => null))
      return context.json(await operator.repair(parseDocumentId(document), request))
    })
    .post('/verify', async (context) => context.json(await operator.verify()))
    .post('/audit', async (context) => {
      const query = parse(auditQuery, await context.req.json().catch(() => null))
      return context.json({ entries: await operator.audit(query) })
    })
}

/** Of equal length whatever the token, as the comparison needs. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
