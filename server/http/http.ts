/** The HTTP side as one value: pages, REST, health. */
import { Hono } from 'hono'
import { cors } from 'hono/cors'
import { SyncError } from '../../shared/errors.ts'
import type { Operator } from '../ports/operator.ts'
import type { Store } from '../ports/store.ts'
import { documentRoutes } from './documents.ts'
import { type Health, healthRoutes, operatorRoutes } from './operations.ts'
import { pageRoutes } from './pages.ts'
import { problemResponse } from './problems.ts'

export interface HttpDependencies {
  readonly store: Store
  readonly operator: Operator
  readonly operatorSecret: string
  readonly publicFolder: string
  readonly health: () => Health
  readonly isAllowedOrigin: (origin: string | undefined, host: string | undefined) => boolean
}

/** All routes of a server. */
export function httpRoutes(dependencies: HttpDependencies): Hono {
  const { store, operator, operatorSecret, publicFolder, health, isAllowedOrigin } = dependencies
  const app = new Hono()
  app.onError((thrown, context) => problemResponse(context, thrown))
  app.use('/api/*', async (context, next) => {
    if (!isAllowedOrigin(context.req.header('origin'), context.req.header('host'))) {
      return context.json({ status: 403, title: 'Pages of this origin may not use the API.', code: 'forbidden' }, 403)
    }
    return next()
  })
  app.use('/api/*', cors({ origin: (origin) => origin, maxAge: 600 }))
  app.route('/', healthRoutes(store, health))
  app.route('/api/v1/documents', documentRoutes(store, operator))
  app.route('/api/v1/operator', operatorRoutes(operator, operatorSecret))
  app.all('/api/*', (context) => {
    return problemResponse(
      context,
      new SyncError('not-found', `There is no ${context.req.method} ${context.req.path}.`),
    )
  })
  app.route('/', pageRoutes(publicFolder))
  return app
}
