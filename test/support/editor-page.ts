/** The edit page as a person uses it. */
import type { Browser, Locator, Page } from 'playwright-core'
import { openWindow } from './browser.ts'

export interface EditorPage {
  readonly page: Page
  readonly textbox: Locator
  /** Script errors, and whatever the content security policy refused. */
  readonly complaints: readonly string[]
  /** The text as the element says it, without the names of carets. */
  text(): Promise<unknown>
  /** Resolves when the status line says these words. */
  says(words: string | RegExp): Promise<void>
}

/** Opens a document in a window of its own profile, and puts the caret into it once it may be edited. */
export async function openEditor(browser: Browser, url: string, document: string): Promise<EditorPage> {
  const { page, complaints } = await openWindow(browser, `${url}/edit/${encodeURIComponent(document)}`)
  const textbox = page.getByRole('textbox', { name: 'Document' })
  const says = (words: string | RegExp): Promise<void> =>
    page.locator('weft-editor [part=status]').filter({ hasText: words }).waitFor()
  await says('All changes saved')
  await textbox.click()
  return {
    page,
    textbox,
    complaints,
    says,
    text: () =>
      page.locator('weft-editor').evaluate((editor) => {
        const getText: unknown = Reflect.get(editor, 'getText')
        return typeof getText === 'function' ? getText.call(editor) : null
      }),
  }
}
