/**
 * Published editors in Chromium against the built server: what docs/editors.md says is written by this test.
 *
 * `npx vitest run dist/test/e2e/stock-editors.test.js -u` writes the page anew.
 */
import { fileURLToPath } from 'node:url'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { launchBrowser } from '../support/browser.ts'
import { layCable } from '../support/cable.ts'
import { eventually } from '../support/eventually.ts'
import { serveRooms } from '../support/held-server.ts'
import { openRooms } from '../support/rooms.ts'
import { runServerProcess } from '../support/server.ts'
import { type EditorServer, recipe, serveEditor, stockEditors, Typist } from '../support/stock-editors.ts'

const PAGE = fileURLToPath(new URL('../../../docs/editors.md', import.meta.url))

const COLUMNS = [
  'edits both ways',
  'carets and names',
  'late joiner',
  'offline and back',
  'restart',
  'says saved',
] as const

const cells = new Map<string, string>()

let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

/** Resolves when all of them have the same text, and it is one of these. */
async function allRead(typists: readonly Typist[], ...texts: readonly string[]): Promise<void> {
  await eventually(async () => {
    const read = await Promise.all(typists.map((typist) => typist.text()))
    expect(new Set(read).size).toBe(1)
    expect(texts).toContain(read[0])
  })
  expect(typists.flatMap(({ complaints }) => complaints)).toEqual([])
}

describe.each(stockEditors)('$title', (editor) => {
  let pages: EditorServer
  beforeAll(async () => {
    pages = await serveEditor(editor)
  }, 300_000)
  afterAll(() => pages.close())

  const cell = (column: (typeof COLUMNS)[number], run: () => Promise<string | void>): void => {
    test(`[CM5] ${column}`, async () => {
      cells.set(`${editor.title} ${column}`, 'fails')
      cells.set(`${editor.title} ${column}`, (await run()) ?? 'works')
    })
  }

  const open = (server: string, name: string): Promise<Typist> =>
    Typist.open(browser, { editor, page: pages.url, server: server.replace('http', 'ws'), name })

  cell('edits both ways', async () => {
    const { url } = await runServerProcess()
    const [ann, ben] = [await open(url, 'Ann'), await open(url, 'Ben')]
    await ann.type('from Ann')
    await allRead([ann, ben], 'from Ann')
    await ben.type(' and from Ben')
    await allRead([ann, ben], 'from Ann and from Ben')
  })

  cell('carets and names', async () => {
    const { url } = await runServerProcess()
    const [ann, ben] = [await open(url, 'Ann'), await open(url, 'Ben')]
    await ann.type('a')
    await ben.type('b')
    await ann.sees('Ben')
    await ben.sees('Ann')
    await ben.page.close()
    await ann.sees()
  })

  cell('late joiner', async () => {
    const { url } = await runServerProcess()
    const ann = await open(url, 'Ann')
    await ann.type('here before')
    const ben = await open(url, 'Ben')
    await allRead([ann, ben], 'here before')
  })

  cell('offline and back', async () => {
    const { url } = await runServerProcess()
    const cable = await layCable(url)
    const [ann, ben] = [await open(url, 'Ann'), await open(cable.url, 'Ben')]
    await ann.type('both')
    await allRead([ann, ben], 'both')
    cable.pull()
    await ben.isSynced(false)
    await ann.type(', Ann')
    await ben.type(', Ben')
    cable.plug()
    await allRead([ann, ben], 'both, Ann, Ben', 'both, Ben, Ann')
    await ben.isSynced(true)
  })

  cell('restart', async () => {
    const server = await runServerProcess()
    const [ann, ben] = [await open(server.url, 'Ann'), await open(server.url, 'Ben')]
    await ann.type('before')
    await allRead([ann, ben], 'before')
    expect(await server.stop()).toBe(0)
    await ann.isSynced(false)
    await ann.type(', meanwhile')
    await server.start()
    await allRead([ann, ben], 'before, meanwhile')
    await ben.type(', after')
    await allRead([ann, ben], 'before, meanwhile, after')
  })

  cell('says saved', async () => {
    if (!editor.hasSign) return 'no sign'
    const bench = await openRooms()
    const ann = await open(await serveRooms(bench), 'Ann')
    await eventually(async () => expect(await ann.unsynced()).toBe(0))
    await ann.type('a')
    for (let released = 0; (await ann.unsynced()) > 0 || released === 0; released++) {
      await eventually(async () => expect(bench.store.held.length).toBe(1))
      expect(await ann.unsynced()).toBeGreaterThan(0)
      await bench.store.release()
      await eventually(async () => expect((await ann.unsynced()) === 0 || bench.store.held.length > 0).toBe(true))
    }
  })
})

test('[CM6] docs/editors.md says what was seen, and shows what was run', async () => {
  const head = ['editor', ...COLUMNS]
  const rows = stockEditors.map(({ title }) => [
    title,
    ...COLUMNS.map((column) => cells.get(`${title} ${column}`) ?? '?'),
  ])
  const table = [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n')
  const recipes = await Promise.all(
    stockEditors.map(async (editor) => {
      const { packages, script } = await recipe(editor)
      return `\n## ${editor.title}\n\n\`\`\`sh\nnpm install ${packages}\n\`\`\`\n\n\`\`\`js\n${script}\`\`\`\n`
    }),
  )
  await expect(`${INTRODUCTION}\n${table}\n${NOTES}${recipes.join('')}`).toMatchFileSnapshot(PAGE)
})

const INTRODUCTION = `# Editors

Any editor with a Yjs binding works through the stock providers ([compatibility.md](compatibility.md)). These were run in Chromium, two people in
a profile each, against the built server: unmodified from npm, on pages with \`<div id="editor"></div>\` and the scripts below. Each cell is a
test of \`test/e2e/stock-editors.test.ts\`, which writes this page.
`

const NOTES = `
* **offline and back**: the connection was cut, both typed, the connection came back.
* **restart**: the server was stopped, one typed on, the server was started again.
* **says saved**: with commits held back \`provider.unsyncedChanges\` stayed above 0; after the commit it was 0. y-websocket has no such sign.
* Tiptap loses a letter now and then that is typed in the very moment in which it draws a caret beside it, on a machine kept busy. It is then
  not in the page's own document either; the tests type it again.
`
