/** Restoring a vandalised document by the command line, with an editor open and a stale tab without a network. */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launchBrowser } from '../support/browser.ts'
import { openEditor } from '../support/editor-page.ts'
import { runServerProcess } from '../support/server.ts'

const MAIN = fileURLToPath(new URL('../../server/main.js', import.meta.url))

let browser: Browser

beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

async function weft(...args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [MAIN, ...args])
  return stdout
}

test('[RE10] restore brings vandalised text back for everyone, a stale tab with words of its own included', async () => {
  const { url, data } = await runServerProcess()
  const ann = await openEditor(browser, url, 'plan')
  const stale = await openEditor(browser, url, 'plan')
  await ann.page.keyboard.type('The plan is good.')
  await expect.poll(() => stale.text()).toBe('The plan is good.')
  await ann.says('All changes saved')
  const goodSeq = /seq \d*–?(\d+) /.exec(await weft('history', 'plan', '--data', data))?.[1] ?? ''

  await stale.page.context().setOffline(true)
  await stale.says(/Offline|Reconnecting/)
  await stale.page.keyboard.press('End')
  await stale.page.keyboard.type(' Kept words.')

  await ann.page.keyboard.press('Control+a')
  await ann.page.keyboard.type('VANDALISED')
  await ann.says('All changes saved')
  expect(await ann.text()).toBe('VANDALISED')

  expect(await weft('restore', 'plan', '--at', goodSeq, '--by', 'Olga', '--data', data)).toMatch(/^Restored seq/)
  await expect.poll(() => ann.text()).toBe('The plan is good.')
  await stale.page.context().setOffline(false)
  await expect.poll(() => stale.text()).toBe('The plan is good. Kept words.')
  await expect.poll(() => ann.text()).toBe('The plan is good. Kept words.')

  const later = await openEditor(browser, url, 'plan')
  expect(await later.text()).toBe('The plan is good. Kept words.')
  expect(await weft('history', 'plan', '--data', data)).toMatch(/ Olga {2}1 change,/)
})
