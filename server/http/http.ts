/** The HTTP side as one value: pages, REST, health. */
import { type Context, Hono } from 'hono'
import { cors } from 'hono/cors'
import { SyncError } from '../../shared/errors.ts'
import type { Seq } from '../../shared/ids.ts'
import type { Rooms } from '../core/rooms.ts'
import type { Revocation } from '../ports/authorizer.ts'
import type { Operator } from '../ports/operator.ts'
import type { Store } from '../ports/store.ts'
import type { MayRead } from './allow.ts'
import { documentRoutes } from './documents.ts'
import { type Health, healthRoutes, operatorRoutes } from './operations.ts'
import { pageRoutes } from './pages.ts'
import { problemResponse } from './problems.ts'
import { apiHeaders } from './security-headers.ts'
import { type SharingDependencies, sharingRoutes } from './sharing.ts'
import { ySweetRoutes } from './y-sweet.ts'

export interface HttpDependencies extends SharingDependencies {
  readonly store: Store
  readonly rooms: Rooms
  readonly operator: Operator
  readonly operatorSecret: string
  readonly publicFolder: string
  readonly maxFrameBytes: number
  readonly health: () => Health
  readonly mayRead: MayRead
  /** Rejects when whoever asks may not open a document with that last seq. */
  readonly mayOpen: (context: Context, head: Seq) => Promise<void>
  /** Nobody is shown anything without a token. */
  readonly requiresToken: boolean
  readonly revoke: (revocation: Revocation) => Promise<void>
  /** Origins whose pages may show a document in a frame. */
  readonly frameOrigins: readonly string[]
  /** Answers a request to the API when it is its address' turn. Rejects `too-many-requests`. */
  readonly inTurn: (context: Context, answer: () => Promise<void>) => Promise<void>
  readonly isAllowedOrigin: (origin: string | undefined, host: string | undefined) => boolean
}

/** All routes of a server. */
export function httpRoutes(dependencies: HttpDependencies): Hono {
  const { store, rooms, operator, operatorSecret, publicFolder, health, allow, isAllowedOrigin, inTurn } = dependencies
  const app = new Hono()
  app.onError((thrown, context) => problemResponse(context, thrown))
  for (const path of ['/healthz', '/readyz', '/ready', '/check_store']) app.use(path, ...apiHeaders())
  for (const path of ['/api/*', '/doc/*', '/d/*']) {
    app.use(path, ...apiHeaders())
    app.use(path, (context, next) => {
      if (isAllowedOrigin(context.req.header('origin'), context.req.header('host'))) return next()
      throw new SyncError('permission-denied', 'Pages of this origin may not use the API; see --origins.')
    })
    app.use(path, cors({ origin: (origin) => origin, maxAge: 600 }))
    app.use(path, inTurn)
  }
  app.route('/', healthRoutes(store, health))
  app.route('/api/v1/documents', documentRoutes(dependencies))
  app.route('/api/v1/documents', sharingRoutes(dependencies))
  app.route('/api/v1/operator', operatorRoutes(operator, dependencies.revoke, operatorSecret))
  app.all('/api/*', (context) => {
    return problemResponse(
      context,
      new SyncError('not-found', `There is no ${context.req.method} ${context.req.path}.`),
    )
  })
  const { publicUrl, maxFrameBytes, mayOpen } = dependencies
  app.route('/', ySweetRoutes({ rooms, store, publicUrl, maxUpdateBytes: maxFrameBytes, allow, mayOpen }))
  app.route('/', pageRoutes(publicFolder, dependencies.frameOrigins))
  return app
}
