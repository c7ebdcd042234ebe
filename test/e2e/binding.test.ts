/** The editing surface in a real browser, on a page that allows no inline style. */
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { build } from 'vite'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import type {} from './binding-page.ts'

const ORIGIN = 'http://weft.test'
/** Few: the same edits run by the hundred without a DOM. `BINDING_SEEDS` asks for more. */
const FUZZ_SEEDS = Number(process.env['BINDING_SEEDS'] ?? 20)
const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:"

let browser: Browser
let script: string
let context: BrowserContext
let page: Page
let complaints: string[]

beforeAll(async () => {
  script = await bundle()
  browser = await chromium.launch({ executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium' })
})
afterAll(() => browser.close())

beforeEach(async () => {
  context = await browser.newContext()
  page = await context.newPage()
  complaints = []
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
  })
  await page.route(`${ORIGIN}/**`, (route) =>
    new URL(route.request().url()).pathname === '/page.js'
      ? route.fulfill({ contentType: 'text/javascript', body: script })
      : route.fulfill({
          contentType: 'text/html',
          body: '<!doctype html><html lang="en"><meta charset="utf-8"><title>Surface</title><body><script src="/page.js"></script>',
          headers: { 'content-security-policy': POLICY },
        }),
  )
  await page.goto(ORIGIN)
})

afterEach(async () => {
  expect(await page.evaluate(() => window.kit.disagreements())).toEqual([])
  expect(complaints).toEqual([])
  await context.close()
})

async function bundle(): Promise<string> {
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

async function open(...places: readonly ('light' | 'slotted' | 'shadow')[]): Promise<void> {
  await page.evaluate((all) => {
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

/** The delta of the text. */
function delta(): Promise<unknown> {
  return page.evaluate(() => window.kit.editors[0]?.body.toDelta())
}

function html(id = 'Ann'): Promise<string> {
  return page.locator(`#${id}`).evaluate((element) => element.innerHTML)
}

async function paste(data: Readonly<Record<string, string>>): Promise<void> {
  await page.locator('#Ann').evaluate((element, content) => {
    const clipboardData = new DataTransfer()
    for (const [type, value] of Object.entries(content)) clipboardData.setData(type, value)
    element.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }))
  }, data)
}

describe('typing', () => {
  test('[ES1] text, Enter and Backspace do what they do in any editor', async () => {
    await open('light')
    await page.locator('#Ann').click()
    await page.keyboard.type('One')
    await page.keyboard.press('Enter')
    await page.keyboard.type('Two')
    await page.keyboard.press('Shift+Enter')
    await page.keyboard.type('lines')
    expect(await delta()).toEqual([{ insert: 'One\nTwo\u2028lines\n' }])
    for (let count = 0; count < 10; count++) await page.keyboard.press('Backspace')
    await page.keyboard.type('!')
    expect(await delta()).toEqual([{ insert: 'One!\n' }])
  })

  test('[ES2] Markdown becomes formatting while it is typed, and Backspace takes that back', async () => {
    await open('light')
    await page.locator('#Ann').click()
    const lines = ['# Title', '**bold** and *thin* and `code` and ~~gone~~', '- item', '', '> quote', '', '[] task', '']
    for (const line of lines) {
      await page.keyboard.type(line)
      await page.keyboard.press('Enter')
    }
    await page.keyboard.type('1. one')
    await page.keyboard.press('Enter')
    await page.keyboard.press('Tab')
    await page.keyboard.type('inner')
    expect(await delta()).toEqual([
      { insert: 'Title' },
      { insert: '\n', attributes: { header: 1 } },
      { insert: 'bold', attributes: { bold: true } },
      { insert: ' and ' },
      { insert: 'thin', attributes: { italic: true } },
      { insert: ' and ' },
      { insert: 'code', attributes: { code: true } },
      { insert: ' and ' },
      { insert: 'gone', attributes: { strike: true } },
      { insert: '\nitem' },
      { insert: '\n', attributes: { list: 'bullet' } },
      { insert: 'quote' },
      { insert: '\n', attributes: { blockquote: true } },
      { insert: 'task' },
      { insert: '\n', attributes: { list: 'unchecked' } },
      { insert: 'one' },
      { insert: '\n', attributes: { list: 'ordered' } },
      { insert: 'inner' },
      { insert: '\n', attributes: { list: 'ordered', indent: 1 } },
    ])
    await page.keyboard.press('Control+A')
    await page.keyboard.press('Delete')
    await page.keyboard.press('Backspace')
    await page.keyboard.type('# ')
    await page.keyboard.press('Backspace')
    expect(await delta()).toEqual([{ insert: '# \n' }])
  })

  test('[ES3] a listing keeps its lines until Enter is pressed twice at its end', async () => {
    await open('light')
    await page.locator('#Ann').click()
    for (const line of ['```ts', '  let a', 'b', '', 'after']) {
      await page.keyboard.type(line)
      if (line !== 'after') await page.keyboard.press('Enter')
    }
    expect(await delta()).toEqual([
      { insert: '  let a' },
      { insert: '\n', attributes: { 'code-block': 'ts' } },
      { insert: '  b' },
      { insert: '\n', attributes: { 'code-block': 'ts' } },
      { insert: 'after\n' },
    ])
  })

  test('[ES4] three hyphens draw a line and go on below it', async () => {
    await open('light')
    await page.locator('#Ann').click()
    await page.keyboard.type('---below')
    expect(await delta()).toEqual([{ insert: { divider: true } }, { insert: '\nbelow\n' }])
    await page.keyboard.press('Home')
    await page.waitForFunction(() => window.kit.editors[0]?.surface.view.state.selection.$head.parentOffset === 0)
    await page.keyboard.press('Backspace')
    expect(await delta()).toEqual([{ insert: 'below\n' }])
  })

  test('[ES5] a click on the box of a task checks it; its text takes a caret', async () => {
    await open('light')
    await page.locator('#Ann').click()
    await page.keyboard.type('[ ] buy milk')
    await page.locator('#Ann input').click()
    expect(await delta()).toEqual([{ insert: 'buy milk' }, { insert: '\n', attributes: { list: 'checked' } }])
    expect(await page.locator('#Ann input').isChecked()).toBe(true)
    await page.keyboard.type('!')
    await page.keyboard.press('Control+Enter')
    expect(await delta()).toEqual([{ insert: 'buy milk!' }, { insert: '\n', attributes: { list: 'unchecked' } }])
  })

  test('[ES6] Tab leaves the editor where there is no list', async () => {
    await open('light', 'light')
    await page.locator('#Ann').click()
    await page.keyboard.type('text')
    await page.keyboard.press('Tab')
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('Ben')
  })

  test('[ES7] undo and redo work by key, and put the caret back', async () => {
    await open('light')
    await page.locator('#Ann').click()
    await page.keyboard.type('abc')
    await page.keyboard.press('Enter')
    await page.keyboard.type('def')
    await page.keyboard.press('Control+Z')
    expect(await delta()).toEqual([{ insert: 'abc\n' }])
    await page.keyboard.type('X')
    expect(await delta()).toEqual([{ insert: 'abcX\n' }])
  })

  test('[ES8] it says what it is to assistive technology', async () => {
    await open('light')
    await page.locator('#Ann').click()
    await page.keyboard.type('# Title')
    await page.keyboard.press('Enter')
    await page.keyboard.type('- item')
    expect(await page.locator('#Ann').ariaSnapshot()).toBe(
      ['- textbox "Ann":', '  - heading "Title" [level=1]', '  - list:', '    - listitem: • item'].join('\n'),
    )
  })
})

describe.each(['light', 'slotted', 'shadow'] as const)('two editors in %s DOM', (place) => {
  test('[ES9] both see text, caret, selection and name of the other', async () => {
    await open(place, place)
    await page.locator('#Ann').click()
    await page.keyboard.type('Hello there')
    await page.locator('#Ben').click()
    await page.keyboard.press('Control+End')
    await page.keyboard.type(', Ann')
    expect(await delta()).toEqual([{ insert: 'Hello there, Ann\n' }])
    const caret = page.locator('#Ann .weft-caret')
    await caret.waitFor({ state: 'attached' })
    expect(await caret.getAttribute('aria-hidden')).toBe('true')
    expect(await caret.textContent()).toBe('Ben')
    await page.keyboard.press('Shift+Home')
    await page.locator('#Ann .weft-selection').first().waitFor()
    const color = await page
      .locator('#Ann .weft-selection')
      .first()
      .evaluate((element) => getComputedStyle(element).getPropertyValue('--weft-caret'))
    expect(color).toBe('#1b6e8c')
    await page.evaluate(() => window.kit.editors[1]?.surface.destroy())
    await page.locator('#Ann .weft-selection').first().waitFor({ state: 'detached' })
    await page.evaluate(() => void window.kit.editors.pop())
  })
})

describe('pasting', () => {
  beforeEach(async () => {
    await open('light')
    await page.locator('#Ann').click()
  })

  test('[ES10] HTML becomes flat blocks', async () => {
    await paste({
      'text/html': `<h2>Plan <em>A</em></h2><p>See <a href="https://a.example">this</a>
        and <a href="javascript:alert(1)">that</a>.</p>
        <ul><li>one<ol><li><p>inner</p></li></ol></li><li><input type="checkbox" checked>done</li></ul>
        <pre><code class="language-ts">let a
  b</code></pre><blockquote><p>said</p></blockquote><hr><p>end</p>`,
    })
    expect(await delta()).toEqual([
      { insert: 'Plan ' },
      { insert: 'A', attributes: { italic: true } },
      { insert: '\n', attributes: { header: 2 } },
      { insert: 'See ' },
      { insert: 'this', attributes: { link: 'https://a.example' } },
      { insert: ' and that.\none' },
      { insert: '\n', attributes: { list: 'bullet' } },
      { insert: 'inner' },
      { insert: '\n', attributes: { list: 'ordered', indent: 1 } },
      { insert: 'done' },
      { insert: '\n', attributes: { list: 'checked' } },
      { insert: 'let a' },
      { insert: '\n', attributes: { 'code-block': 'ts' } },
      { insert: '  b' },
      { insert: '\n', attributes: { 'code-block': 'ts' } },
      { insert: 'said' },
      { insert: '\n', attributes: { blockquote: true } },
      { insert: { divider: true } },
      { insert: '\nend\n' },
    ])
  })

  test('[ES10] what Google Docs puts on the clipboard comes clean', async () => {
    await paste({
      'text/html': `<meta charset="utf-8"><b style="font-weight:normal;" id="docs-internal-guid-1"><p dir="ltr"
        style="line-height:1.38"><span style="font-size:11pt;color:#000000;font-weight:700">Bold</span><span
        style="font-size:11pt;font-style:italic"> thin</span></p><br /><ul><li dir="ltr" aria-level="1"><p
        dir="ltr" role="presentation"><span style="font-weight:400">item</span></p></li></ul></b>`,
    })
    expect(await delta()).toEqual([
      { insert: 'Bold', attributes: { bold: true } },
      { insert: ' thin', attributes: { italic: true } },
      { insert: '\n\nitem' },
      { insert: '\n', attributes: { list: 'bullet' } },
    ])
  })

  test('[ES10] text becomes one block a line, and code in a listing', async () => {
    await paste({ 'text/plain': 'one\r\n\r\n# two' })
    await page.keyboard.press('Enter')
    await page.keyboard.type('```')
    await page.keyboard.press('Enter')
    await paste({ 'text/plain': 'let a\n  b', 'text/html': '<p><b>let a</b></p><p>  b</p>' })
    expect(await delta()).toEqual([
      { insert: 'one\n\n# two\nlet a' },
      { insert: '\n', attributes: { 'code-block': true } },
      { insert: 'b' },
      { insert: '\n', attributes: { 'code-block': true } },
    ])
  })

  test('[ES11] what is copied is HTML that others understand, and pastes as it was', async () => {
    await page.keyboard.type('# Title')
    await page.keyboard.press('Enter')
    for (const line of ['- one', 'two', '', '> said', '', '```', 'let  a', 'b']) {
      await page.keyboard.type(line)
      await page.keyboard.press('Enter')
      if (line === 'two') await page.keyboard.press('Tab')
      if (line === '') await page.keyboard.press('Enter')
    }
    await page.keyboard.press('Control+A')
    const copied = await page.locator('#Ann').evaluate((element) => {
      const clipboardData = new DataTransfer()
      element.dispatchEvent(new ClipboardEvent('copy', { clipboardData, bubbles: true, cancelable: true }))
      return { 'text/html': clipboardData.getData('text/html'), 'text/plain': clipboardData.getData('text/plain') }
    })
    expect(copied['text/html']).toContain('<h1 data-pm-slice="0 0 []">Title</h1><ul><li>one</li><li>two')
    const before = await page.evaluate(() => window.kit.blocks())
    await page.keyboard.press('Control+A')
    await page.keyboard.press('Delete')
    await paste(copied)
    expect(await page.evaluate(() => window.kit.blocks())).toEqual(before)
  })
})

describe('when others write', () => {
  test('[ES12] the DOM of blocks that did not change stays', async () => {
    await open('light', 'light')
    await page.locator('#Ann').click()
    await page.keyboard.type('one')
    await page.keyboard.press('Enter')
    await page.keyboard.type('two')
    const stays = await page.evaluate(() => {
      const [ann, ben] = window.kit.editors
      const first = ann?.surface.view.dom.children[0]
      ben?.body.insert(4, 'X')
      ben?.body.format(5, 1, { bold: true })
      return first !== undefined && first === ann?.surface.view.dom.children[0]
    })
    expect(stays).toBe(true)
    expect(await html()).toContain('<strong>')
  })

  test('[ES13] nothing is typed into an editor that is not editable, and it still follows', async () => {
    await open('light', 'light')
    await page.evaluate(() => window.kit.editors[0]?.surface.setEditable(false))
    await page.locator('#Ann').click()
    await page.keyboard.type('no')
    await page.locator('#Ben').click()
    await page.keyboard.type('yes')
    expect(await page.locator('#Ann').textContent()).toContain('yes')
    expect(await delta()).toEqual([{ insert: 'yes\n' }])
    expect(await page.evaluate(() => window.kit.editors[0]?.surface.exec('bold'))).toBe(false)
  })

  test('[ES14] typing in both at once, in one paragraph, loses no letter', async () => {
    await open('light', 'shadow')
    await page.locator('#Ann').click()
    await page.keyboard.type('start end')
    await page.evaluate(() => {
      const [ann, ben] = window.kit.editors
      for (let turn = 0; turn < 30; turn++) {
        for (const [editor, letter, at] of [
          [ann, 'a', 6],
          [ben, 'b', 10],
        ] as const) {
          const view = editor?.surface.view
          if (view === undefined) continue
          const position = Math.min(at + turn, view.state.doc.content.size - 1)
          view.dispatch(view.state.tr.insertText(letter, position))
        }
      }
    })
    const text = await page.evaluate(() => window.kit.editors[0]?.body.toString() ?? '')
    expect(text.replaceAll(/[^ab]/gu, '').length).toBe(60 + 'start'.replaceAll(/[^ab]/gu, '').length)
  })

  test('[DM1] random edits in real views, apart and together, leave all the same', async () => {
    await open('light', 'shadow')
    for (let seed = 1; seed <= FUZZ_SEEDS; seed++) {
      expect(await page.evaluate((number) => window.kit.fuzz(number), seed)).toEqual([])
    }
  })
})
