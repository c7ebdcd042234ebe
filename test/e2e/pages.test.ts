/** The pages and the element in a real browser, against a real server and the built scripts. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { launchBrowser, openWindow, PHONE } from '../support/browser.ts'
import { runServer } from '../support/running-server.ts'

let browser: Browser

beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

const textOf = (page: Page): Locator => page.getByRole('textbox', { name: 'Document' })
const titleOf = (page: Page): Locator => page.getByRole('textbox', { name: 'Title' })
const statusOf = (page: Page): Locator => page.locator('weft-editor [part=status]')

async function says(page: Page, words: string | RegExp): Promise<void> {
  await statusOf(page).filter({ hasText: words }).waitFor()
}

async function type(page: Page, words: string): Promise<void> {
  await textOf(page).click()
  await page.keyboard.type(words)
}

describe('the list of documents', () => {
  test('[PA20] starts a document by a button, and lists it by its title afterwards', async () => {
    const { url } = await runServer()
    const { page, complaints } = await openWindow(browser, url)
    await page.getByRole('heading', { name: 'No documents yet' }).waitFor()
    await page.getByRole('button', { name: 'New document' }).first().click()
    await page.waitForURL(/\/edit\/.+/)
    await says(page, 'All changes saved')
    await titleOf(page).fill('Quarterly plan')
    await type(page, 'Ship it.')
    await says(page, 'All changes saved')
    expect(await page.title()).toBe('Quarterly plan – Weft')
    await page.getByRole('link', { name: 'All documents' }).click()
    await page.getByRole('link', { name: /just now/ }).waitFor()
    expect(complaints).toEqual([])
  })

  test('[PA21] finds documents by any part of title or name, and opens a name nobody used yet', async () => {
    const { url } = await runServer()
    for (const name of ['team/plan', 'größe']) {
      const { page } = await openWindow(browser, `${url}/edit/${encodeURIComponent(name)}`)
      await type(page, 'Words')
      await says(page, 'All changes saved')
    }
    const { page } = await openWindow(browser, url)
    await page.getByRole('link', { name: 'größe' }).waitFor()
    await page.getByRole('searchbox').fill('PLAN')
    expect(await page.locator('.list a b').allTextContents()).toEqual(['team/plan', 'Open “PLAN”'])
    await page.getByRole('searchbox').fill('日本/a?b#c%')
    await page.keyboard.press('Enter')
    await page.waitForURL('**/edit/**')
    await says(page, 'All changes saved')
    expect(await page.locator('weft-editor').evaluate((editor) => Reflect.get(editor, 'document'))).toBe('日本/a?b#c%')
  })
})

describe('the page of a document', () => {
  test('[PA22] shows title, text, people and their number of tabs to everyone', async () => {
    const { url } = await runServer()
    const ann = await openWindow(browser, `${url}/edit/plan`)
    const bob = await openWindow(browser, `${url}/edit/plan`)
    await says(ann.page, 'All changes saved')
    await says(bob.page, 'All changes saved')
    await titleOf(ann.page).fill('Plan')
    await type(ann.page, 'Written by Ann.')
    await textOf(bob.page).filter({ hasText: 'Written by Ann.' }).waitFor()
    await expect.poll(() => titleOf(bob.page).inputValue()).toBe('Plan')
    await bob.page.getByRole('button', { name: /^Go to / }).waitFor()
    const again = await bob.page.context().newPage()
    await again.goto(`${url}/edit/plan`)
    await says(again, 'All changes saved')
    expect(await ann.page.getByRole('button', { name: /^Go to / }).count()).toBe(1)
  })

  test('[PA23] a visitor changes the name that others see from their own avatar', async () => {
    const { url } = await runServer()
    const ann = await openWindow(browser, `${url}/edit/plan`)
    const bob = await openWindow(browser, `${url}/edit/plan`)
    await ann.page.getByRole('button', { name: /^You, / }).click()
    await ann.page.getByRole('textbox', { name: 'Your name' }).fill('Ann Lee')
    await ann.page.keyboard.press('Enter')
    await bob.page.getByRole('button', { name: 'Go to Ann Lee' }).waitFor()
    await ann.page.reload()
    await ann.page.getByRole('button', { name: 'You, Ann Lee. Change your name' }).waitFor()
  })

  test('[PA24] without the server it says where the changes are, keeps them over a reload, and saves them when it is back', async () => {
    const server = await runServer()
    const { port } = new URL(server.url)
    const { page } = await openWindow(browser, `${server.url}/edit/plan`)
    await type(page, 'Before. ')
    await says(page, 'All changes saved')
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined))
    await server.close()
    await says(page, /Reconnecting|Connecting/)
    await type(page, 'During. ')
    await says(page, `${'During. '.length} changes kept on this device`)
    await page.reload()
    await textOf(page).filter({ hasText: 'During.' }).waitFor()
    await says(page, /kept on this device/)
    await runServer({ port: Number(port), data: server.data })
    await says(page, 'All changes saved')
    const other = await openWindow(browser, `${server.url}/edit/plan`)
    await textOf(other.page).filter({ hasText: 'Before.' }).filter({ hasText: 'During.' }).waitFor()
  })

  test('[PA25] the history brings the text back for everyone, after asking', async () => {
    const { url } = await runServer()
    const ann = await openWindow(browser, `${url}/edit/plan`)
    await type(ann.page, 'Worth keeping')
    await says(ann.page, 'All changes saved')
    const bob = await openWindow(browser, `${url}/edit/plan`)
    await textOf(bob.page).filter({ hasText: 'Worth keeping' }).waitFor()
    await textOf(bob.page).press('Control+a')
    await bob.page.keyboard.type('Gone')
    await says(bob.page, 'All changes saved')
    await textOf(ann.page).filter({ hasNotText: 'Worth keeping' }).waitFor()

    await ann.page.getByRole('button', { name: 'History' }).click()
    const panel = ann.page.getByRole('dialog', { name: 'History' })
    await panel.getByText('Now', { exact: true }).waitFor()
    await panel
      .getByRole('button', { name: /^Restore the document/ })
      .last()
      .click()
    await panel.getByText('Nothing is lost').waitFor()
    await panel.getByRole('button', { name: 'Restore', exact: true }).click()
    await panel.getByText(/^Restored:/).waitFor()
    await textOf(bob.page).filter({ hasText: 'Worth keeping' }).waitFor()
  })

  test('[PA26] on a phone the toolbar is below the text with targets of 44 pixels, and the outline is gone', async () => {
    const { url } = await runServer()
    const { page } = await openWindow(browser, `${url}/edit/plan`, { viewport: PHONE, hasTouch: true })
    await says(page, 'All changes saved')
    await type(page, '# Heading')
    const bold = await page.getByRole('button', { name: 'Bold' }).boundingBox()
    expect(bold?.y).toBeGreaterThan(PHONE.height - 60)
    expect(Math.min(bold?.width ?? 0, bold?.height ?? 0)).toBeGreaterThanOrEqual(44)
    expect(await page.getByRole('navigation', { name: 'Contents' }).isVisible()).toBe(false)
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(PHONE.width)
  })

  test('[PA27] the keyboard reaches the toolbar by Alt+F10, moves in it by arrows, and comes back by Escape', async () => {
    const { url } = await runServer()
    const { page } = await openWindow(browser, `${url}/edit/plan`)
    await says(page, 'All changes saved')
    await type(page, 'Words')
    const focused = (): Promise<string | null | undefined> =>
      page.evaluate(() => document.querySelector('weft-editor')?.shadowRoot?.activeElement?.getAttribute('aria-label'))
    await page.keyboard.press('Alt+F10')
    expect(await focused()).toBe('Undo')
    await page.keyboard.press('End')
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('ArrowRight')
    expect(await focused()).toBe('Redo')
    await page.keyboard.press('Escape')
    await page.keyboard.type(' more')
    expect(await textOf(page).innerText()).toContain('Words more')
  })

  test('[PA28] nothing can be typed before the document has been in step with the server', async () => {
    const { url } = await runServer()
    const { page } = await openWindow(browser, 'about:blank')
    await page.routeWebSocket(/\/ws\//, () => undefined)
    await page.goto(`${url}/edit/plan`)
    await page.getByRole('img', { name: 'Loading the document' }).waitFor()
    expect(await titleOf(page).isDisabled()).toBe(true)
    expect(await page.locator('weft-editor [contenteditable=true]').count()).toBe(0)
  })
})

describe('what is announced', () => {
  test('[PA29] others who come and go are announced politely, oneself is not', async () => {
    const { url } = await runServer()
    const ann = await openWindow(browser, `${url}/edit/plan`)
    await says(ann.page, 'All changes saved')
    const region = ann.page.locator('weft-editor [role=status]')
    expect(await region.textContent()).toBe('')
    const bob = await openWindow(browser, `${url}/edit/plan`)
    await region.filter({ hasText: /^\S+ \S+ joined\.$/ }).waitFor({ state: 'attached' })
    await bob.page.close()
    await region.filter({ hasText: /^\S+ \S+ left\.$/ }).waitFor({ state: 'attached' })
    expect(await region.getAttribute('aria-live')).toBe('polite')
  })
})

describe('the element', () => {
  async function servePage(html: string): Promise<string> {
    const server = createServer((_request, response) =>
      response.writeHead(200, { 'content-type': 'text/html' }).end(`<!doctype html><meta charset="utf-8">${html}`),
    )
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  }

  test('[PA30] on a page of another origin one script and one element edit the same document', async () => {
    const { url } = await runServer()
    const elsewhere = await servePage(
      `<script type="module" src="${url}/weft-editor.js"></script><weft-editor document="plan" name="Ann"></weft-editor>`,
    )
    const here = await openWindow(browser, `${url}/edit/plan`)
    const there = await openWindow(browser, elsewhere)
    await type(there.page, 'From elsewhere.')
    await textOf(here.page).filter({ hasText: 'From elsewhere.' }).waitFor()
    await here.page.getByRole('button', { name: 'Go to Ann' }).waitFor()
    await says(there.page, 'All changes saved')
    expect(there.complaints).toEqual([])
  })

  test('[PA31] moving the element in the page keeps its session; taking it out ends it', async () => {
    const { url } = await runServer()
    const elsewhere = await servePage(
      `<script type="module" src="${url}/weft-editor.js"></script>
       <section id="a"><weft-editor document="plan"></weft-editor></section><section id="b"></section>`,
    )
    const { page } = await openWindow(browser, 'about:blank')
    let connections = 0
    page.on('websocket', () => connections++)
    await page.goto(elsewhere)
    await type(page, 'Words')
    await says(page, 'All changes saved')
    await page.evaluate(() => {
      const editor = document.querySelector('weft-editor')
      if (editor !== null) document.querySelector('#b')?.append(editor)
    })
    await type(page, 'More ')
    await says(page, 'All changes saved')
    const watcher = await openWindow(browser, `${url}/edit/plan`)
    await watcher.page.getByRole('button', { name: /^Go to / }).waitFor()
    await page.evaluate(() => document.querySelector('weft-editor')?.remove())
    await watcher.page.getByRole('button', { name: /^Go to / }).waitFor({ state: 'detached' })
    expect(connections).toBe(1)
  })

  test('[PA32] isolated, the text is inside the shadow root and is edited all the same', async () => {
    const { url } = await runServer()
    const elsewhere = await servePage(
      `<script type="module" src="${url}/weft-editor.js"></script><weft-editor isolated document="plan"></weft-editor>`,
    )
    const { page } = await openWindow(browser, elsewhere)
    await type(page, 'Inside')
    await says(page, 'All changes saved')
    expect(await page.evaluate(() => document.querySelector('weft-editor')?.childElementCount)).toBe(0)
    const other = await openWindow(browser, `${url}/edit/plan`)
    await textOf(other.page).filter({ hasText: 'Inside' }).waitFor()
  })
})
