/** Our client in a real browser while the server dies and comes back: what is typed stays, and the count is true. */
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { launchBrowser } from '../support/browser.ts'
import { type KitServer, openKit, serveKit } from '../support/client-kit.ts'
import { weftClient } from '../support/clients.ts'
import { until } from '../support/eventually.ts'
import { runServerProcess } from '../support/server.ts'

let browser: Browser
let kit: KitServer
let context: BrowserContext
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
  errors = []
  context = await browser.newContext()
  return () => context.close()
})

/** A tab with a client on it, its text in `window.doc`. */
async function openTab(server: string): Promise<Page> {
  const page = await openKit(context, kit, errors)
  await connectOn(page, server)
  return page
}

async function connectOn(page: Page, server: string): Promise<void> {
  await page.evaluate((url) => {
    window.client = window.clientKit.connect({ server: url, document: 'plan' })
    window.doc = window.client.doc
  }, server)
}

function type(page: Page, words: string): Promise<void> {
  return page.evaluate((added) => {
    const text = window.doc.getText('content')
    text.insert(text.length, added)
  }, words)
}

function textOn(page: Page): Promise<string> {
  return page.evaluate(() => window.doc.getText('content').toJSON())
}

async function untilSaved(page: Page): Promise<void> {
  await page.waitForFunction(() => window.client.synced && window.client.unsaved === 0)
}

test('[OF1] a tab reloaded without a server shows and takes text, says what is unsaved, and delivers it later', async () => {
  const server = await runServerProcess()
  const page = await openTab(server.url)
  await untilSaved(page)
  await type(page, 'before, ')
  await untilSaved(page)
  await server.kill()
  await page.waitForFunction(() => window.client.state.connection.name !== 'live')
  await type(page, 'offline, ')
  expect(await page.evaluate(() => window.client.unsaved)).toBe(1)
  await page.waitForFunction(() => window.client.state.keptOnDevice)

  await page.goto(kit.url)
  await connectOn(page, server.url)
  await page.waitForFunction(() => window.client.state.ready)
  expect(await textOn(page)).toBe('before, offline, ')
  expect(await page.evaluate(() => window.client.unsaved)).toBeGreaterThanOrEqual(1)
  await type(page, 'reloaded')

  await server.start()
  await untilSaved(page)
  const witness = weftClient(server.url, 'plan')
  await witness.whenSynced
  expect(witness.doc.getText('content').toJSON()).toBe('before, offline, reloaded')
  expect(errors).toEqual([])
})

test('[OF2] what a tab typed without a server is delivered by the tab that is left', async () => {
  const server = await runServerProcess()
  const [first, second] = [await openTab(server.url), await openTab(server.url)]
  for (const page of [first, second]) await untilSaved(page)
  await type(second, 'both, ')
  await Promise.all([untilSaved(first), untilSaved(second)])
  await server.kill()
  for (const page of [first, second]) {
    await page.waitForFunction(() => window.client.state.connection.name !== 'live')
  }
  await type(first, 'first alone')
  await second.waitForFunction(() => window.doc.getText('content').toJSON() === 'both, first alone')
  await first.close()
  expect(await second.evaluate(() => window.client.unsaved)).toBe(1)
  await server.start()
  await untilSaved(second)
  const witness = weftClient(server.url, 'plan')
  await until(() => witness.doc.getText('content').toJSON() === 'both, first alone')
  expect(errors).toEqual([])
})

test('[OF3] two tabs that type at once have everything saved, and neither sends for ever', async () => {
  const server = await runServerProcess()
  const pages = [await openTab(server.url), await openTab(server.url)]
  for (const page of pages) await untilSaved(page)
  for (let round = 0; round < 50; round++) await Promise.all(pages.map((page) => type(page, 'x')))
  await Promise.all(pages.map(untilSaved))
  for (const page of pages) expect(await textOn(page)).toBe('x'.repeat(100))
  const witness = weftClient(server.url, 'plan')
  await witness.whenSynced
  expect(witness.doc.getText('content').toJSON()).toBe('x'.repeat(100))
  expect(errors).toEqual([])
})
