/** The copy on the device, in a real browser: IndexedDB has no stand-in worth testing against. */
import { fileURLToPath } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { build } from 'vite'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type * as Y from 'yjs'
import { launchBrowser } from '../support/browser.ts'
import type { IndexedDbCopy } from '../../web/client/device-copy.ts'
import type { connect } from '../../web/client/index.ts'

/** What the bundle puts on the page. */
interface Kit {
  readonly Y: typeof Y
  readonly IndexedDbCopy: typeof IndexedDbCopy
  readonly connect: typeof connect
}

/** What the tests keep on the page between steps. */
declare global {
  interface Window {
    kit: Kit
    doc: Y.Doc
    copy: IndexedDbCopy
    changes: boolean[]
  }
}

const ORIGIN = 'http://weft.test'

let browser: Browser
let script: string
let page: Page
let rejections: string[]

beforeAll(async () => {
  script = await bundle()
  browser = await launchBrowser()
})
afterAll(() => browser.close())

beforeEach(async () => {
  const context = await browser.newContext()
  page = await context.newPage()
  rejections = []
  page.on('pageerror', (error) => rejections.push(error.message))
  await page.route(`${ORIGIN}/**`, (route) => {
    const { pathname } = new URL(route.request().url())
    if (pathname === '/kit.js') return route.fulfill({ contentType: 'text/javascript', body: script })
    return route.fulfill({
      contentType: 'text/html',
      body: '<!doctype html><title>Copy</title><script src="/kit.js"></script>',
      // A sandboxed page has an opaque origin: IndexedDB and localStorage throw when touched.
      headers: pathname === '/sandboxed' ? { 'content-security-policy': 'sandbox allow-scripts' } : {},
    })
  })
  await page.goto(ORIGIN)
  return () => context.close()
})

/** Opens the copy on the page; its content goes into `window.doc`. */
async function openCopy(): Promise<void> {
  await page.evaluate(async () => {
    window.doc = new window.kit.Y.Doc()
    window.changes = []
    window.copy = new window.kit.IndexedDbCopy({
      indexedDB,
      name: 'weft ws://weft.test/ws/plan',
      doc: window.doc,
      onChange: () => void window.changes.push(window.copy.isKept),
    })
    await window.copy.whenLoaded
  })
}

function copyState() {
  return page.evaluate(() => ({
    text: window.doc.getText('content').toJSON(),
    isKept: window.copy.isKept,
    wasSynced: window.copy.wasSynced,
    unsavedBefore: window.copy.unsavedBefore,
  }))
}

describe('the copy in IndexedDB', () => {
  test('[DC1] what was typed and marked is there after a reload, and nothing else was stored', async () => {
    await openCopy()
    expect(await copyState()).toEqual({ text: '', isKept: true, wasSynced: false, unsavedBefore: 0 })
    await page.evaluate(() => {
      window.copy.markSynced()
      window.copy.markUnsaved(1)
      window.doc.getText('content').insert(0, 'typed here')
    })
    await page.reload()
    await openCopy()
    expect(await copyState()).toEqual({ text: 'typed here', isKept: true, wasSynced: true, unsavedBefore: 1 })
    expect(await page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name))).toEqual([
      'weft ws://weft.test/ws/plan',
    ])
    expect(rejections).toEqual([])
  })

  test('[DC2] closing writes the count that was not written yet', async () => {
    await openCopy()
    await page.evaluate(() => {
      for (let count = 1; count <= 12; count++) window.copy.markUnsaved(count)
      window.copy.close()
    })
    await page.reload()
    await openCopy()
    expect((await copyState()).unsavedBefore).toBe(12)
    await page.evaluate(() => {
      window.copy.markUnsaved(0)
      window.copy.close()
    })
    await page.reload()
    await openCopy()
    expect((await copyState()).unsavedBefore).toBe(0)
  })

  test('[DC3] a device that has run out of space keeps nothing, and says so', async () => {
    // Set first: Chromium remembers for a while how much was left.
    const devtools = await page.context().newCDPSession(page)
    await devtools.send('Storage.overrideQuotaForOrigin', { origin: ORIGIN, quotaSize: 500_000 })
    await openCopy()
    await page.evaluate(() => window.doc.getText('content').insert(0, 'x'.repeat(1_000_000)))
    await page.waitForFunction(() => !window.copy.isKept)
    expect(await page.evaluate(() => window.changes)).toEqual([true, false])
  })

  test('[DC4] deleted site data are noticed, and do not stop anybody from typing', async () => {
    await openCopy()
    await page.evaluate(
      (name) =>
        new Promise((resolve) => {
          indexedDB.deleteDatabase(name).onsuccess = resolve
        }),
      'weft ws://weft.test/ws/plan',
    )
    await page.waitForFunction(() => !window.copy.isKept)
    await page.evaluate(() => window.doc.getText('content').insert(0, 'still typing'))
    expect(await copyState()).toMatchObject({ text: 'still typing', isKept: false })
    expect(rejections).toEqual([])
  })

  test('[DC5] where a page may keep nothing the client works without a copy', async () => {
    await page.goto(`${ORIGIN}/sandboxed`)
    const states = await page.evaluate(async () => {
      const opened: string[] = []
      class SilentSocket {
        constructor(url: string) {
          opened.push(url)
        }
        close(): void {
          opened.push('closed')
        }
      }
      const client = window.kit.connect({
        server: 'http://weft.test',
        document: 'plan',
        // It only has to be constructed.
        WebSocketPolyfill: SilentSocket as unknown as typeof WebSocket,
      })
      while (opened.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
      const { state, user } = client
      client.destroy()
      return { opened, state, userId: user.id }
    })
    expect(states.opened).toHaveLength(2)
    expect(states.state).toMatchObject({ keptOnDevice: false, ready: false, connection: { name: 'connecting' } })
    expect(states.userId).not.toBe('')
    expect(rejections).toEqual([])
  })
})

/** The client as one script that puts `window.kit` on a page. */
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
               window.kit = { connect, Y, IndexedDbCopy }`
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
