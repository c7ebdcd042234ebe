/** The built pages and scripts. */
import { serveStatic } from '@hono/node-server/serve-static'
import { type Context, Hono } from 'hono'
import { pageHeaders } from './security-headers.ts'

const YEAR_SECONDS = 31_536_000

/** Scripts that pages of other origins load with one tag. */
const EMBEDDABLE = ['/weft-editor.js', '/weft-client.js', '/assets/*'] as const

/** Documents' pages for frames in other pages. */
const FRAMED = '/embed/'

/** Serves the folder `root` that the web build made. `frameOrigins` are those whose pages may frame `/embed/…`. */
export function pageRoutes(root: string, frameOrigins: readonly string[]): Hono {
  const app = new Hono()
  const framed = pageHeaders(frameOrigins)
  const unframed = pageHeaders([])
  app.use((context, next) => (context.req.path.startsWith(FRAMED) ? framed : unframed)(context, next))
  for (const path of EMBEDDABLE) {
    app.use(path, async (context, next) => {
      await next()
      context.header('access-control-allow-origin', '*')
      context.header('cross-origin-resource-policy', 'cross-origin')
    })
  }
  app.get('/', page(root, 'index.html'))
  app.get('/edit/*', page(root, 'edit.html'))
  app.get(`${FRAMED}*`, page(root, 'edit.html'))
  app.use('/assets/*', serveStatic({ root, onFound: cacheFor(YEAR_SECONDS) }))
  app.use(serveStatic({ root, onFound: cacheFor(0) }))
  return app
}

function page(root: string, file: string) {
  return serveStatic({ root, path: file, onFound: cacheFor(0) })
}

/** Names under /assets hold a hash of their content and never change; everything else is asked for each time. */
function cacheFor(seconds: number) {
  const value = seconds === 0 ? 'no-cache' : `public, max-age=${seconds}, immutable`
  return (_path: string, context: Context): void => context.header('cache-control', value)
}
