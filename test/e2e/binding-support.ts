/** Opens the page of the editing surface: one without a server, and with a policy that allows no inline style. */
import { fileURLToPath } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { build } from 'vite'
import { expect, onTestFinished } from 'vitest'
import { PATIENCE_MS } from '../support/eventually.ts'

import type { Kit } from './binding-page.ts'

const ORIGIN = 'http://weft.test'
const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:"
const PAGE =
  '<!doctype html><html lang="en"><meta charset="utf-8"><title>Surface</title><body><script src="/page.js"></script>'

/** The script of the page. */
export async function bundleSurface(): Promise<string> {
  const result = await build({
    logLevel: 'error',
    configFile: false,
    // As in production; Vitest sets another NODE_ENV, with which Lit writes warnings.
    resolve: { conditions: ['module', 'browser', 'production'] },
    build: {
      write: false,
      minify: true,
      lib: {
        entry: fileURLToPath(new URL('binding-page.js', import.meta.url)),
        formats: ['iife'],
        name: 'surfacePage',
      },
    },
  })
  const [output] = Array.isArray(result) ? result : [result]
  if (output === undefined || !('output' in output)) throw new Error('Vite built nothing.')
  return output.output[0].code
}

/** A page with editors on it, the first called Ann and the second Ben. */
export class SurfacePage {
  readonly page: Page
  readonly #complaints: string[] = []

  private constructor(page: Page) {
    this.page = page
    page.on('pageerror', (error) => this.#complaints.push(error.message))
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) this.#complaints.push(message.text())
    })
  }

  /** A page in a profile of its own, which closes when the test ends. */
  static async load(browser: Browser, script: string): Promise<SurfacePage> {
    const context = await browser.newContext()
    context.setDefaultTimeout(PATIENCE_MS)
    onTestFinished(() => context.close())
    const page = await context.newPage()
    const surface = new SurfacePage(page)
    await page.route(`${ORIGIN}/**`, (route) =>
      new URL(route.request().url()).pathname === '/page.js'
        ? route.fulfill({ contentType: 'text/javascript', body: script })
        : route.fulfill({ contentType: 'text/html', body: PAGE, headers: { 'content-security-policy': POLICY } }),
    )
    await page.goto(ORIGIN)
    return surface
  }

  /** Opens an editor at each of the places. */
  async open(...places: readonly Parameters<Kit['open']>[2][]): Promise<void> {
    await this.page.evaluate((all) => {
      const people = [
        ['Ann', '#b4351f'],
        ['Ben', '#1b6e8c'],
      ] as const
      all.forEach((place, index) => {
        const [name, color] = people[index] ?? people[0]
        window.kit.open(name, color, place)
      })
    }, places)
  }

  /** Opens one editor and puts the caret into it. */
  async start(): Promise<void> {
    await this.open('light')
    await this.page.locator('#Ann').click()
  }

  /** Types lines, each ended by Enter. */
  async typeLines(...lines: readonly string[]): Promise<void> {
    for (const line of lines) {
      await this.page.keyboard.type(line)
      await this.page.keyboard.press('Enter')
    }
  }

  /** The delta of the text. */
  delta(): Promise<unknown> {
    return this.page.evaluate(() => window.kit.editors[0]?.body.toDelta())
  }

  /** The text as blocks. */
  blocks(): Promise<unknown> {
    return this.page.evaluate(() => window.kit.blocks())
  }

  async paste(data: Readonly<Record<string, string>>): Promise<void> {
    await this.page.locator('#Ann').evaluate((element, content) => {
      const clipboardData = new DataTransfer()
      for (const [type, value] of Object.entries(content)) clipboardData.setData(type, value)
      element.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }))
    }, data)
  }

  /** What the selection puts on the clipboard. */
  copy(): Promise<Record<string, string>> {
    return this.page.locator('#Ann').evaluate((element) => {
      const clipboardData = new DataTransfer()
      element.dispatchEvent(new ClipboardEvent('copy', { clipboardData, bubbles: true, cancelable: true }))
      return Object.fromEntries(clipboardData.types.map((type) => [type, clipboardData.getData(type)]))
    })
  }

  /** Every view says what its text says, nothing was thrown, and the policy had nothing to refuse. */
  async expectSound(): Promise<void> {
    expect(await this.page.evaluate(() => window.kit.disagreements())).toEqual([])
    expect(this.#complaints).toEqual([])
  }
}
