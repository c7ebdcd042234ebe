/** The copy on the device, in a real browser: IndexedDB has no stand-in worth testing against. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { launchBrowser } from '../support/browser.ts'
import { type KitServer, openKit, serveKit } from '../support/client-kit.ts'

declare global {
  interface Window {
    changes: boolean[]
    isHeld: boolean
  }
}

const NAME = 'weft ws://weft.test/ws/plan'

let browser: Browser
let kit: KitServer
let page: Page
let errors: string[]

beforeAll(async () => {
  kit = await serveKit()
  browser = await launchBrowser()
})
afterAll(async () => {
  kit.close()
  await browser.close()
})

beforeEach(async () => {
  const context = await browser.newContext()
  errors = []
  page = await openKit(context, kit, errors)
  return () => context.close()
})

/** Opens the copy on the page; its content goes into `window.doc`. */
async function openCopy(): Promise<void> {
  await startCopy()
  await page.evaluate(() => window.copy.whenLoaded)
}

function startCopy(): Promise<void> {
  return page.evaluate((name) => {
    window.doc = new window.clientKit.Y.Doc()
    window.changes = []
    window.copy = new window.clientKit.IndexedDbCopy({
      indexedDB,
      name,
      doc: window.doc,
      onChange: () => void window.changes.push(window.copy.isKept),
    })
  }, NAME)
}

async function untilKept(): Promise<void> {
  await page.waitForFunction(() => window.copy.isKept)
}

/** Another tab in the middle of a transaction: nothing is written to the database until what this returns is called. */
async function holdWrites(): Promise<() => Promise<void>> {
  await page.evaluate(
    (name) =>
      new Promise<void>((resolve) => {
        window.isHeld = true
        const opening = indexedDB.open(name)
        opening.onsuccess = () => {
          const store = opening.result.transaction('updates', 'readwrite').objectStore('updates')
          const goOn = (): void => {
            // A transaction ends when nothing is asked of it any longer.
            if (window.isHeld) store.getKey(0).onsuccess = goOn
            else opening.result.close()
          }
          store.getKey(0).onsuccess = () => {
            resolve()
            goOn()
          }
        }
      }),
    NAME,
  )
  return () => page.evaluate(() => void (window.isHeld = false))
}

/** What a closed copy was given is in the database: reading comes after writing. */
function untilWritten(): Promise<void> {
  return page.evaluate(
    (name) =>
      new Promise<void>((resolve) => {
        const opening = indexedDB.open(name)
        opening.onsuccess = () => {
          const marks = opening.result.transaction('custom').objectStore('custom')
          marks.getKey('weft-unsaved').onsuccess = () => {
            opening.result.close()
            resolve()
          }
        }
      }),
    NAME,
  )
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
    await untilKept()
    await page.reload()
    await openCopy()
    expect(await copyState()).toEqual({ text: 'typed here', isKept: true, wasSynced: true, unsavedBefore: 1 })
    expect(await page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name))).toEqual([NAME])
    expect(errors).toEqual([])
  })

  test('[DC2] closing writes the count that was not written yet', async () => {
    await openCopy()
    await page.evaluate(() => {
      for (let count = 1; count <= 12; count++) window.copy.markUnsaved(count)
      window.copy.close()
    })
    await untilWritten()
    await page.reload()
    await openCopy()
    expect((await copyState()).unsavedBefore).toBe(12)
    await page.evaluate(() => {
      window.copy.markUnsaved(0)
      window.copy.close()
    })
    await untilWritten()
    await page.reload()
    await openCopy()
    expect((await copyState()).unsavedBefore).toBe(0)
  })

  test('[DC3] a device that has run out of space keeps nothing, and says so', async () => {
    // Set first: Chromium remembers for a while how much was left.
    const devtools = await page.context().newCDPSession(page)
    await devtools.send('Storage.overrideQuotaForOrigin', { origin: kit.url, quotaSize: 500_000 })
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
      NAME,
    )
    await page.waitForFunction(() => !window.copy.isKept)
    await page.evaluate(() => window.doc.getText('content').insert(0, 'still typing'))
    expect(await copyState()).toMatchObject({ text: 'still typing', isKept: false })
    expect(errors).toEqual([])
  })

  test('[DC6] a change is kept when it is in the database, and not before', async () => {
    await openCopy()
    const release = await holdWrites()
    await page.evaluate(() => {
      window.changes = []
      window.copy.markUnsaved(1)
      window.doc.getText('content').insert(0, 'first')
    })
    expect(await copyState()).toMatchObject({ text: 'first', isKept: false })
    await page.evaluate(() => {
      window.copy.markUnsaved(2)
      window.doc.getText('content').insert(5, ', second')
    })
    expect(await copyState()).toMatchObject({ isKept: false })
    await release()
    await untilKept()
    expect(await page.evaluate(() => window.changes)).toEqual([true])
    await page.reload()
    await openCopy()
    expect((await copyState()).text).toBe('first, second')
  })

  test('[DC7] what is marked while the copy loads is marked when it has', async () => {
    await startCopy()
    await page.evaluate(async () => {
      window.copy.markSynced()
      window.copy.markRole('viewer')
      window.copy.markUnsaved(3)
      window.doc.getText('content').insert(0, 'early')
      await window.copy.whenLoaded
    })
    await untilKept()
    await page.reload()
    await openCopy()
    expect(await copyState()).toEqual({ text: 'early', isKept: true, wasSynced: true, unsavedBefore: 3 })
    expect(await page.evaluate(() => window.copy.roleBefore)).toBe('viewer')
  })

  test('[DC5] where a page may keep nothing the client works without a copy', async () => {
    await page.goto(kit.sandboxedUrl)
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
      const client = window.clientKit.connect({
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
    expect(errors).toEqual([])
  })
})
