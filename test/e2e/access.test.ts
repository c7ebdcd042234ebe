/** Access as people meet it: the editor and the pages in a real browser, against a server that asks for tokens. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { Role } from '../../shared/roles.ts'
import { launchBrowser, openWindow, type Window } from '../support/browser.ts'
import { runServer } from '../support/running-server.ts'
import { mint, tokenOptions } from '../support/tokens.ts'

let browser: Browser

beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

const textOf = (page: Page): Locator => page.getByRole('textbox', { name: 'Document' })
const bannerOf = (page: Page): Locator => page.locator('weft-editor [part=banner]')
const toolbarOf = (page: Page): Locator => page.getByRole('toolbar', { name: 'Formatting' })

async function says(page: Page, words: string | RegExp): Promise<void> {
  await page.locator('weft-editor [part=status]').filter({ hasText: words }).waitFor()
}

/** A page of an embedder, whose backend gives tokens at `/token`. */
async function serveEmbedder(weft: string, mintToken: () => Promise<string>): Promise<string> {
  const html = `<!doctype html><meta charset="utf-8"><script type="module" src="${weft}/weft-editor.js"></script>
    <weft-editor document="plan" name="Ann"></weft-editor>
    <script>document.querySelector('weft-editor').auth = async () => (await fetch('/token')).text()</script>`
  const answer = async (path: string | undefined): Promise<string> => (path === '/token' ? mintToken() : html)
  const server = createServer(
    (request, response) =>
      void answer(request.url).then((body) => response.writeHead(200, { 'content-type': 'text/html' }).end(body)),
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

/** A server whose one visitor has the role that the test says, from one moment to the next. */
async function runWithRoles(initial: Role) {
  let current: Role | null = initial
  const server = await runServer(
    {},
    { authorize: ({ claimed }) => (current === null ? null : { user: { id: claimed.user || 'ann' }, role: current }) },
  )
  const give = (role: Role | null): void => {
    current = role
    server.recheck()
  }
  return { ...server, give }
}

describe('a token that runs out', () => {
  test('[PA40] is renewed while somebody types, without losing a letter or the connection', async () => {
    const { url } = await runServer(tokenOptions)
    let minted = 0
    const embedder = await serveEmbedder(url, () => {
      minted++
      return mint({ lifeMs: 2_500 })
    })
    const { page, complaints } = await openWindow(browser, 'about:blank')
    let connections = 0
    page.on('websocket', () => connections++)
    await page.goto(embedder)
    await says(page, 'All changes saved')
    const words = 'Each of these letters arrives, whoever asks for papers meanwhile.'
    await textOf(page).click()
    await page.keyboard.type(words, { delay: 90 })
    await says(page, 'All changes saved')
    expect(await textOf(page).innerText()).toBe(words)
    expect(minted).toBeGreaterThanOrEqual(3)
    expect(connections).toBe(1)
    const reader = await openWindow(browser, `${url}/edit/plan#token=${await mint({ user: 'bob', role: 'viewer' })}`)
    await textOf(reader.page).filter({ hasText: words }).waitFor()
    expect(complaints).toEqual([])
  })
})

describe('a role that changes', () => {
  test('[PA41] takes the toolbar away and brings it back, and the keyboard goes on where it was', async () => {
    const { url, give } = await runWithRoles('editor')
    const { page, complaints } = await openWindow(browser, `${url}/edit/plan`)
    await says(page, 'All changes saved')
    await textOf(page).click()
    await page.keyboard.type('Before. ')
    await says(page, 'All changes saved')
    await page.keyboard.press('Alt+F10')
    give('viewer')
    await bannerOf(page).filter({ hasText: 'You can only view this document now.' }).waitFor()
    const region = page.locator('weft-editor [role=status]')
    await region.filter({ hasText: 'You can only view this document now.' }).waitFor({ state: 'attached' })
    await says(page, 'View only')
    expect(await toolbarOf(page).count()).toBe(0)
    expect(await textOf(page).getAttribute('aria-readonly')).toBe('true')
    expect(await page.getByRole('textbox', { name: 'Title' }).getAttribute('readonly')).toBe('')
    await page.keyboard.type('lost')
    give('editor')
    await toolbarOf(page).waitFor()
    await page.keyboard.type('After.')
    await says(page, 'All changes saved')
    expect(await textOf(page).innerText()).toBe('Before. After.')
    expect(await bannerOf(page).count()).toBe(0)
    await region.filter({ hasText: 'You can edit this document now.' }).waitFor({ state: 'attached' })
    expect(complaints).toEqual([])
  })

  test('[PA42] keeps what was typed and not taken on the device, over a reload too, and sends it with the next role', async () => {
    const { url, give } = await runWithRoles('editor')
    const { page } = await openWindow(browser, `${url}/edit/plan`)
    await says(page, 'All changes saved')
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined))
    await page.context().setOffline(true)
    await textOf(page).click()
    await page.keyboard.type('Kept.')
    await says(page, 'Offline: 5 changes kept on this device')
    give('viewer')
    await page.context().setOffline(false)
    await says(page, 'View only: 5 changes kept on this device')
    await bannerOf(page).filter({ hasText: 'to be sent when you may edit again' }).waitFor()
    await page.reload()
    await says(page, /View only: \d+ changes? kept on this device/)
    expect(await textOf(page).innerText()).toBe('Kept.')
    give('editor')
    await says(page, 'All changes saved')
    const other = await openWindow(browser, `${url}/edit/plan`)
    await textOf(other.page).filter({ hasText: 'Kept.' }).waitFor()
  })

  test('[PA43] in the middle of a word loses nothing that the page shows', async () => {
    const { url, give } = await runWithRoles('editor')
    const { page } = await openWindow(browser, `${url}/edit/plan`)
    await says(page, 'All changes saved')
    await textOf(page).click()
    const typing = page.keyboard.type('a'.repeat(120), { delay: 10 })
    await textOf(page).filter({ hasText: 'aaaaaaaaaaaaaaaaaaaa' }).waitFor()
    give('viewer')
    await says(page, 'View only')
    await typing
    const shown = await textOf(page).locator('p').innerText()
    give('editor')
    await says(page, 'All changes saved')
    // The names of carets stand in the text; the letters are told from them by what was typed.
    const other = await openWindow(browser, `${url}/edit/plan`)
    await textOf(other.page).filter({ hasText: shown }).waitFor()
    expect((await textOf(other.page).innerText()).match(/a+/)?.[0]).toBe(shown)
  })
})

describe('access that is revoked', () => {
  test('[PA44] ends the session at once, with the text still readable and unsaved edits kept', async () => {
    const { url, revoke } = await runServer(tokenOptions)
    const { page } = await openWindow(browser, `${url}/edit/plan#token=${await mint({ id: 'this-one' })}`)
    await says(page, 'All changes saved')
    await textOf(page).click()
    await page.keyboard.type('Saved. ')
    await says(page, 'All changes saved')
    await page.context().setOffline(true)
    await page.keyboard.type('Not.')
    await says(page, 'Offline: 4 changes kept on this device')
    await revoke({ kind: 'token', id: 'this-one' })
    await page.context().setOffline(false)
    await says(page, 'Your access was withdrawn: 4 changes kept on this device')
    await bannerOf(page).filter({ hasText: 'Your access was withdrawn.' }).waitFor()
    expect(await textOf(page).innerText()).toBe('Saved. Not.')
    expect(await textOf(page).getAttribute('aria-readonly')).toBe('true')
    expect(await page.evaluate(() => JSON.stringify(Object.entries(localStorage)))).not.toContain('eyJ')
  })
})

describe('the pages of somebody who may do little', () => {
  test('[PA45] say who is not let in why, and how to ask', async () => {
    const { url } = await runServer(tokenOptions)
    const { page, complaints } = await openWindow(browser, `${url}/edit/plan`)
    await page.getByRole('alert').filter({ hasText: 'You don’t have access' }).waitFor()
    expect(await toolbarOf(page).count()).toBe(0)
    expect(await page.getByRole('button', { name: 'Share' }).isDisabled()).toBe(true)
    await page.getByRole('button', { name: 'Ask for access' }).click()
    const message = page.getByRole('dialog', { name: 'Ask for access' }).getByRole('textbox', { name: 'Message' })
    expect(await message.inputValue()).toContain(`${url}/edit/plan`)
    await page.keyboard.press('Escape')
    await message.waitFor({ state: 'hidden' })
    expect(complaints).toEqual([])
  })

  test('[PA46] show a viewer no toolbar, a readable text, and a calm line that says why', async () => {
    const { url, give } = await runWithRoles('editor')
    const writer = await openWindow(browser, `${url}/edit/plan`)
    await textOf(writer.page).click()
    await writer.page.keyboard.type('Words to read')
    await says(writer.page, 'All changes saved')
    give('viewer')
    const { page }: Window = await openWindow(browser, `${url}/edit/plan`)
    await bannerOf(page).filter({ hasText: 'View only.' }).waitFor()
    const tree = await page.locator('weft-editor').ariaSnapshot()
    expect(tree).toContain(
      [
        '- paragraph: View only. You may read this document, not change it.',
        '- button "Ask for access"',
        '- textbox "Document":',
        '  - paragraph: Words to read',
      ].join('\n'),
    )
    expect(tree).not.toContain('toolbar')
  })
})
