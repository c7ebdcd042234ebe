/** Two people in one document, in real browsers against a real server: what each types is there for both. */
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launchBrowser, openWindow } from '../support/browser.ts'
import { runServer } from '../support/running-server.ts'

let browser: Browser

beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

const textbox = (page: Page): Locator => page.getByRole('textbox', { name: 'Document' })

/** The text as the element says it, without the names of carets. */
function textOf(page: Page): Promise<unknown> {
  return page.locator('weft-editor').evaluate((editor) => {
    const getText: unknown = Reflect.get(editor, 'getText')
    return typeof getText === 'function' ? getText.call(editor) : null
  })
}

/** Two windows of separate profiles on one document, each with its caret in the text. */
async function twoPeople(name: string): Promise<readonly [Page, Page]> {
  const { url } = await runServer()
  const [ann, bob] = [
    await openWindow(browser, `${url}/edit/${name}`),
    await openWindow(browser, `${url}/edit/${name}`),
  ]
  await textbox(ann.page).click()
  await textbox(bob.page).click()
  await ann.page.locator('.weft-caret').waitFor()
  await bob.page.locator('.weft-caret').waitFor()
  return [ann.page, bob.page]
}

for (const [kind, typed, text] of [
  ['a paragraph', 'words', 'words'],
  ['a heading', '# words', 'words'],
  ['a bulleted item', '- words', 'words'],
  ['a numbered item', '1. words', 'words'],
  ['a task', '[ ] words', 'words'],
  ['a quote', '> words', 'words'],
  ['a code block', '```\nwords\nmore', 'words\nmore'],
] as const) {
  test(`[ED30] what is typed beside somebody else's caret is kept in ${kind}`, async () => {
    const [ann, bob] = await twoPeople('caret')
    await ann.bringToFront()
    await ann.keyboard.type(typed)
    await expect.poll(() => textOf(bob)).toBe(text)
    expect(await textOf(ann)).toBe(text)
  })
}

test('[ED31] two people who type in one paragraph at the same time keep every letter', async () => {
  const [ann, bob] = await twoPeople('paragraph')
  await ann.keyboard.type('start end')
  await expect.poll(() => textOf(bob)).toBe('start end')
  await bob.keyboard.press('Home')
  await Promise.all([
    ann.keyboard.type('abcdefghijklmnopqrstuvwxyz', { delay: 12 }),
    bob.keyboard.type('0123456789012345678901234', { delay: 13 }),
  ])
  const merged = '0123456789012345678901234start endabcdefghijklmnopqrstuvwxyz'
  await expect.poll(() => textOf(ann)).toBe(merged)
  await expect.poll(() => textOf(bob)).toBe(merged)
})

test('[ED32] selections and names are shown to the other', async () => {
  const [ann, bob] = await twoPeople('selection')
  await ann.keyboard.type('select me')
  await expect.poll(() => textOf(bob)).toBe('select me')
  await ann.keyboard.press('Shift+Home')
  await expect.poll(() => bob.locator('.weft-selection').allInnerTexts()).toEqual(['select me'])
  expect(await bob.locator('.weft-caret-name').textContent()).toMatch(/\S/)
})
