/** Chromium as the tests drive it: one process for a file of tests, one profile for each window. */
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core'
import { onTestFinished } from 'vitest'
import { PATIENCE_MS } from './eventually.ts'

/** What keeps the browser to itself on a machine without a display, a sandbox or a network. */
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

const DESKTOP = { width: 1280, height: 900 }

/** The window of a common phone, in pixels. */
export const PHONE = { width: 390, height: 844 }

/** A window of its own profile. */
export interface Window {
  readonly page: Page
  /** Script errors, and whatever the content security policy refused. */
  readonly complaints: readonly string[]
}

/** Starts Chromium; who starts it closes it. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium', args: FLAGS })
}

/** Opens a window on `url`; it closes when the test ends. */
export async function openWindow(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Window> {
  const context = await browser.newContext({ viewport: DESKTOP, locale: 'en-GB', ...options })
  context.setDefaultTimeout(PATIENCE_MS)
  onTestFinished(() => context.close())
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => {
    if (message.text().includes('Content Security Policy')) complaints.push(message.text())
  })
  await page.goto(url)
  return { page, complaints }
}
