/** Editors as their users put them on a page: published packages, installed by themselves and bundled, in Chromium. */
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { dirname } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { build } from 'vite'
import { expect } from 'vitest'
import type { Doc } from 'yjs'
import { openWindow } from './browser.ts'
import { eventually } from './eventually.ts'
import { placeAgent, sourceOf } from './matrix.ts'

/** A letter that is not in the document by then was lost before it got there. */
const LOST_AFTER_MS = 2_000

export interface StockEditor {
  readonly title: string
  /** The folder below test/matrix whose packages it is made of. */
  readonly install: string
  /** The page's script below test/matrix. */
  readonly script: string
  /** Where people type. */
  readonly area: string
  /** What others' carets are made of, and in it the name. */
  readonly caret: string
  readonly caretName: string
  /** Whether its provider counts what is unsaved. */
  readonly hasSign: boolean
}

export const stockEditors: readonly StockEditor[] = [
  {
    title: 'Tiptap 3.31.3',
    install: 'tiptap-3.31.3',
    script: 'tiptap.mjs',
    area: '.ProseMirror',
    caret: '.collaboration-carets__caret',
    caretName: '.collaboration-carets__label',
    hasSign: true,
  },
  {
    title: 'CodeMirror 6.0.2',
    install: 'codemirror-6',
    script: 'codemirror.mjs',
    area: '.cm-content',
    caret: '.cm-ySelectionCaret',
    caretName: '.cm-ySelectionInfo',
    hasSign: false,
  },
]

/** What the tests look at of the provider that each page leaves on its window. */
declare global {
  interface Window {
    provider: {
      readonly synced: boolean
      readonly unsyncedChanges: number
      /** As Hocuspocus' provider calls it, and as y-websocket's does. */
      readonly document?: Doc
      readonly doc?: Doc
    }
  }
}

export interface EditorServer {
  /** Of the page with the editor. */
  readonly url: string
  close(): void
}

/** Bundles an editor's page and serves it on loopback; a page from anywhere else may not connect to servers there. */
export async function serveEditor(editor: StockEditor): Promise<EditorServer> {
  const script = await bundle(await placeAgent(editor.install, editor.script))
  const server = createServer((request, response) => {
    if (request.url === '/editor.js') response.setHeader('content-type', 'text/javascript').end(script)
    else response.setHeader('content-type', 'text/html').end(PAGE)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  // It listens on TCP, so the address is never a pipe's name.
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const close = (): void => {
    server.close()
    server.closeAllConnections()
  }
  return { url, close }
}

const PAGE =
  '<!doctype html><meta charset="utf-8"><title>Editor</title><div id="editor"></div><script src="/editor.js" defer></script>'

async function bundle(entry: string): Promise<string> {
  const result = await build({
    configFile: false,
    logLevel: 'error',
    root: dirname(entry),
    build: { write: false, minify: false, rolldownOptions: { input: entry, output: { format: 'iife' } } },
  })
  const [output] = Array.isArray(result) ? result : [result]
  if (output === undefined || !('output' in output)) throw new Error('Vite built nothing.')
  return output.output[0].code
}

/** How an editor is put on a page: its packages as `npm install` takes them, and the page's script. */
export async function recipe({ install, script }: StockEditor): Promise<{ packages: string; script: string }> {
  const { dependencies } = JSON.parse(await readFile(sourceOf(`${install}/package.json`), 'utf8')) as {
    readonly dependencies: Readonly<Record<string, string>>
  }
  const packages = Object.entries(dependencies).map(([name, version]) => `${name}@${version}`)
  return { packages: packages.join(' '), script: await readFile(sourceOf(script), 'utf8') }
}

/** One person at an editor, in a profile of their own. */
export class Typist {
  readonly #editor: StockEditor
  readonly page: Page
  /** Errors of the page's scripts. */
  readonly complaints: readonly string[]

  private constructor(editor: StockEditor, page: Page, complaints: readonly string[]) {
    this.#editor = editor
    this.page = page
    this.complaints = complaints
  }

  /** Opens document "plan" of the server at `server` (`ws://…`), and resolves when it is there. */
  static async open(browser: Browser, where: { editor: StockEditor; page: string; server: string; name: string }) {
    const { editor, page: url, server, name } = where
    const query = new URLSearchParams({ server, room: 'plan', name })
    const { page, complaints } = await openWindow(browser, `${url}/?${query.toString()}`)
    const typist = new Typist(editor, page, complaints)
    await typist.isSynced(true)
    return typist
  }

  /**
   * Types at the end of the first line, and each letter again that has not come into this page's own document: Tiptap loses letters
   * that are typed in the moment in which it draws a caret beside them, which on a machine kept busy is one session of a dozen.
   */
  async type(words: string): Promise<void> {
    await this.page.locator(this.#editor.area).click()
    await this.page.keyboard.press('End')
    for (const letter of words) {
      const before = await this.#stored()
      do await this.page.keyboard.type(letter)
      while (!(await this.#storesOtherThan(before)))
    }
  }

  async #storesOtherThan(before: string): Promise<boolean> {
    const change = eventually(async () => expect(await this.#stored()).not.toBe(before), LOST_AFTER_MS)
    return change.then(
      () => true,
      () => false,
    )
  }

  /** What this page's Yjs document holds. */
  #stored(): Promise<string> {
    return this.page.evaluate(() => {
      const { document, doc } = window.provider
      return JSON.stringify([...((document ?? doc)?.share.values() ?? [])].map(String))
    })
  }

  /** The text without what shows others' carets. */
  text(): Promise<string> {
    return this.page.locator(this.#editor.area).evaluate((area, caret) => {
      const copy = area.cloneNode(true) as Element
      for (const shown of copy.querySelectorAll(caret)) shown.remove()
      // Word joiners keep carets from breaking lines.
      return (copy.textContent ?? '').replaceAll('\u2060', '')
    }, this.#editor.caret)
  }

  /** The names on the carets of others. */
  carets(): Promise<readonly string[]> {
    return this.page.locator(this.#editor.caretName).allTextContents()
  }

  /** Resolves when the carets shown are these people's. */
  async sees(...names: readonly string[]): Promise<void> {
    await eventually(async () => expect(await this.carets()).toEqual(names))
  }

  async isSynced(is: boolean): Promise<void> {
    await this.page.waitForFunction((wanted) => window.provider.synced === wanted, is)
  }

  unsynced(): Promise<number> {
    return this.page.evaluate(() => window.provider.unsyncedChanges)
  }
}
