/** Two people in one document, in real browsers against a real server: what each types is there for both. */
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launchBrowser } from '../support/browser.ts'
import { type EditorPage, openEditor } from '../support/editor-page.ts'
import { runServer } from '../support/running-server.ts'
import { runServerProcess } from '../support/server.ts'

let browser: Browser

beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

/** Two windows on one document, each with its caret in the text. */
async function twoPeople(url: string): Promise<readonly [EditorPage, EditorPage]> {
  const [ann, bob] = [await openEditor(browser, url, 'plan'), await openEditor(browser, url, 'plan')]
  await ann.page.locator('.weft-caret').waitFor()
  await bob.page.locator('.weft-caret').waitFor()
  return [ann, bob]
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
    const [ann, bob] = await twoPeople((await runServer()).url)
    await ann.page.bringToFront()
    await ann.page.keyboard.type(typed)
    await expect.poll(() => bob.text()).toBe(text)
    expect(await ann.text()).toBe(text)
  })
}

test('[ED31] two people who type in one paragraph at the same time keep every letter', async () => {
  const [ann, bob] = await twoPeople((await runServer()).url)
  await ann.page.keyboard.type('start end')
  await expect.poll(() => bob.text()).toBe('start end')
  await bob.page.keyboard.press('Home')
  await Promise.all([
    ann.page.keyboard.type('abcdefghijklmnopqrstuvwxyz', { delay: 12 }),
    bob.page.keyboard.type('0123456789012345678901234', { delay: 13 }),
  ])
  const merged = '0123456789012345678901234start endabcdefghijklmnopqrstuvwxyz'
  await expect.poll(() => ann.text()).toBe(merged)
  await expect.poll(() => bob.text()).toBe(merged)
})

test('[ED32] selections and names are shown to the other', async () => {
  const [ann, bob] = await twoPeople((await runServer()).url)
  await ann.page.keyboard.type('select me')
  await expect.poll(() => bob.text()).toBe('select me')
  await ann.page.keyboard.press('Shift+Home')
  await expect.poll(() => bob.page.locator('.weft-selection').allInnerTexts()).toEqual(['select me'])
  expect(await bob.page.locator('.weft-caret-name').textContent()).toMatch(/\S/)
})

test('[ED33] the server is killed while both type: both come back by themselves and nothing typed is lost', async () => {
  const server = await runServerProcess()
  const [ann, bob] = await twoPeople(server.url)
  await ann.page.keyboard.type('ann ')
  await bob.page.keyboard.press('Enter')
  await expect.poll(() => ann.text()).toMatch(/\n/)
  const typing = Promise.all([
    ann.page.keyboard.type('a'.repeat(60), { delay: 25 }),
    bob.page.keyboard.type('b'.repeat(60), { delay: 25 }),
  ])
  await expect.poll(() => bob.text()).toMatch(/aaaaa/)
  await server.kill()
  await ann.says(/Reconnecting|Offline|not saved/i)
  await typing
  await server.start()
  await ann.says('All changes saved')
  await bob.says('All changes saved')
  for (const { text } of [ann, bob]) {
    await expect.poll(async () => String(await text()).replaceAll(/[^a]/g, '').length).toBe('ann '.length - 3 + 60)
    expect(String(await text()).replaceAll(/[^b]/g, '').length).toBe(60)
  }
  expect(await ann.text()).toBe(await bob.text())
  expect([...ann.complaints, ...bob.complaints]).toEqual([])
})
