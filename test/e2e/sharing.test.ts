/** The Share dialog and the links it makes, in as many browser profiles as there are people. */
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { launchBrowser, openWindow, PHONE } from '../support/browser.ts'
import { runServer } from '../support/running-server.ts'
import { mint, tokenOptions } from '../support/tokens.ts'

let browser: Browser

beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

const textOf = (page: Page): Locator => page.getByRole('textbox', { name: 'Document' })
const toolbarOf = (page: Page): Locator => page.getByRole('toolbar', { name: 'Formatting' })

async function says(page: Page, words: string): Promise<void> {
  await page.locator('weft-editor [part=status]').filter({ hasText: words }).waitFor()
}

describe('sharing', () => {
  /** Somebody's own profile, with a token of their own or none. */
  async function visit(url: string, path: string, options: BrowserContextOptions = {}): Promise<Page> {
    const { page } = await openWindow(browser, `${url}${path}`, options)
    return page
  }

  async function openSharing(page: Page): Promise<Locator> {
    await says(page, 'All changes saved')
    await page.getByRole('button', { name: 'Share' }).click()
    const dialog = page.getByRole('dialog', { name: 'Share' })
    await dialog.getByRole('heading', { name: 'People' }).waitFor()
    return dialog
  }

  test('[PA50] who has no token is told that documents are private, and finds those that were opened here', async () => {
    const { url } = await runServer(tokenOptions)
    const page = await visit(url, '/')
    await page.getByRole('heading', { name: 'Documents here are private' }).waitFor()
    expect(await page.getByRole('button', { name: 'New document' }).count()).toBe(0)
    await page.goto(`${url}/edit/plan#token=${await mint({ name: 'Ann' })}`)
    await says(page, 'All changes saved')
    await page.goto(url)
    await page.getByRole('link', { name: 'plan' }).waitFor()
  })

  test('[PA47] an owner makes a link that lets somebody else in as a viewer, changes what it gives, and revokes it', async () => {
    const { url } = await runServer(tokenOptions)
    const ann = await visit(url, `/edit/plan#token=${await mint({ name: 'Ann', role: 'owner' })}`)
    await says(ann, 'All changes saved')
    await textOf(ann).click()
    await ann.keyboard.type('Shared words')
    const dialog = await openSharing(ann)
    await dialog.getByRole('textbox', { name: 'For whom' }).fill('The board')
    await dialog.getByRole('combobox', { name: 'They' }).selectOption('viewer')
    await dialog.getByRole('combobox', { name: 'For', exact: true }).selectOption('7 days')
    await dialog.getByRole('button', { name: 'Make a link' }).click()
    const address = dialog.getByRole('textbox', { name: 'Address of The board' })
    const link = new URL(await address.inputValue())

    const bob = await visit(url, link.pathname + link.hash)
    await says(bob, 'View only')
    await textOf(bob).filter({ hasText: 'Shared words' }).waitFor()
    expect(bob.url()).toBe(`${url}/edit/plan`)
    await bob.reload()
    await says(bob, 'View only')
    const stranger = await visit(url, '/edit/plan')
    await stranger.getByRole('alert').filter({ hasText: 'You don’t have access' }).waitFor()

    await dialog.getByRole('combobox', { name: 'What whoever has The board may do' }).selectOption('editor')
    await toolbarOf(bob).waitFor()
    await textOf(bob).click()
    await bob.keyboard.press('End')
    await bob.keyboard.type(' and more')
    await says(bob, 'All changes saved')
    await textOf(ann).filter({ hasText: 'Shared words and more' }).waitFor()
    expect(await dialog.ariaSnapshot()).toContain('- button "Revoke The board"')

    await dialog.getByRole('button', { name: 'Revoke The board' }).click()
    await dialog.getByRole('button', { name: 'Revoke', exact: true }).click()
    await says(bob, 'Your access was withdrawn')
    await dialog.getByText('There are none yet.').waitFor()
    const late = await visit(url, link.pathname + link.hash)
    await late.getByRole('alert').filter({ hasText: 'Your access was withdrawn' }).waitFor()
  })

  test('[PA48] who is no owner is told who may share, and can still copy the address', async () => {
    const { url } = await runServer(tokenOptions)
    const page = await visit(url, `/edit/plan#token=${await mint()}`)
    await says(page, 'All changes saved')
    await page.getByRole('button', { name: 'Share' }).click()
    const dialog = page.getByRole('dialog', { name: 'Share' })
    await dialog.getByRole('heading', { name: 'Only owners can share this document' }).waitFor()
    await dialog.getByRole('button', { name: 'Copy address' }).waitFor()
    expect(await dialog.getByRole('button', { name: 'Make a link' }).count()).toBe(0)
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'hidden' })
    expect(await page.evaluate(() => document.activeElement?.textContent?.trim())).toBe('Share')
  })

  test('[PA49] somebody who came by a link is shown to others by the name they chose', async () => {
    const { url } = await runServer(tokenOptions)
    const ann = await visit(url, `/edit/plan#token=${await mint({ name: 'Ann', role: 'owner' })}`)
    const dialog = await openSharing(ann)
    await dialog.getByRole('button', { name: 'Make a link' }).click()
    const link = new URL(await dialog.getByRole('textbox', { name: /^Address of/ }).inputValue())
    await ann.keyboard.press('Escape')
    const bob = await visit(url, link.pathname + link.hash, { viewport: PHONE, hasTouch: true })
    await says(bob, 'All changes saved')
    await bob.getByRole('button', { name: /^You, / }).click()
    await bob.getByRole('textbox', { name: 'Your name' }).fill('Bob Ruiz')
    await bob.keyboard.press('Enter')
    await ann.getByRole('button', { name: 'Go to Bob Ruiz (guest)' }).waitFor()
    expect(await bob.evaluate(() => document.documentElement.scrollWidth)).toBe(PHONE.width)
  })
})
