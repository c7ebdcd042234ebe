/** The headless client on a page of a real browser, without the editor. The page survives the server the client talks to. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import type { BrowserContext, Page } from 'playwright-core'
import { build } from 'vite'
import type * as Y from 'yjs'
import type { IndexedDbCopy } from '../../web/client/device-copy.ts'
import type { Client, connect } from '../../web/client/index.ts'
import { PATIENCE_MS } from './eventually.ts'

/** What the kit puts on the page, and what tests keep there between steps. */
declare global {
  interface Window {
    clientKit: {
      readonly Y: typeof Y
      readonly IndexedDbCopy: typeof IndexedDbCopy
      readonly connect: typeof connect
    }
    doc: Y.Doc
    copy: IndexedDbCopy
    client: Client
  }
}

export interface KitServer {
  /** Of the page with the kit. */
  readonly url: string
  /** Of the same page where nothing may be kept: IndexedDB and localStorage throw when they are touched. */
  readonly sandboxedUrl: string
  close(): void
}

/** Serves the kit on loopback; a page from anywhere else may not connect to servers there. */
export async function serveKit(): Promise<KitServer> {
  const script = await bundle()
  const server = createServer((request, response) => {
    if (request.url === '/kit.js') {
      response.setHeader('content-type', 'text/javascript').end(script)
      return
    }
    if (request.url === '/sandboxed') response.setHeader('content-security-policy', 'sandbox allow-scripts')
    response
      .setHeader('content-type', 'text/html')
      .end('<!doctype html><title>Kit</title><script src="/kit.js"></script>')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // It listens on TCP, so the address is never a pipe's name.
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const close = (): void => {
    server.close()
    server.closeAllConnections()
  }
  return { url, sandboxedUrl: `${url}/sandboxed`, close }
}

/** A tab with the kit. What its scripts fail with goes into `errors`. */
export async function openKit(context: BrowserContext, { url }: KitServer, errors: string[]): Promise<Page> {
  const page = await context.newPage()
  page.setDefaultTimeout(PATIENCE_MS)
  page.on('pageerror', (error) => errors.push(error.message))
  await page.goto(url)
  return page
}

/** The client as one script. */
async function bundle(): Promise<string> {
  const entry = 'kit-entry'
  const result = await build({
    configFile: false,
    logLevel: 'error',
    plugins: [
      {
        name: entry,
        resolveId: (id) => (id === entry ? id : null),
        load: (id) =>
          id === entry
            ? `import { connect, Y } from ${pathOf('index.js')}
               import { IndexedDbCopy } from ${pathOf('device-copy.js')}
               window.clientKit = { connect, Y, IndexedDbCopy }`
            : null,
      },
    ],
    build: { write: false, minify: false, rolldownOptions: { input: entry, output: { format: 'iife' } } },
  })
  const [output] = Array.isArray(result) ? result : [result]
  if (output === undefined || !('output' in output)) throw new Error('Vite built nothing.')
  return output.output[0].code
}

/** A built file of the client, as a string literal. */
function pathOf(file: string): string {
  return JSON.stringify(fileURLToPath(new URL(`../../web/client/${file}`, import.meta.url)))
}
