/** The editing surface in a real browser. */
import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import { launchBrowser } from '../support/browser.ts'
import { bundleSurface, SurfacePage } from './binding-support.ts'

/** Few: the same edits run by the hundred without a DOM. `BINDING_SEEDS` asks for more. */
const FUZZ_SEEDS = Number(process.env['BINDING_SEEDS'] ?? 20)

let browser: Browser
let script: string
let surface: SurfacePage

beforeAll(async () => {
  script = await bundleSurface()
  browser = await launchBrowser()
})
afterAll(() => browser.close())

beforeEach(async () => {
  surface = await SurfacePage.load(browser, script)
})
afterEach(() => surface.expectSound())

describe('typing', () => {
  test('[ES1] text, Enter and Backspace do what they do in any editor', async () => {
    await surface.start()
    await surface.page.keyboard.type('One')
    await surface.page.keyboard.press('Enter')
    await surface.page.keyboard.type('Two')
    await surface.page.keyboard.press('Shift+Enter')
    await surface.page.keyboard.type('lines')
    expect(await surface.delta()).toEqual([{ insert: 'One\nTwo\u2028lines\n' }])
    for (let count = 0; count < 10; count++) await surface.page.keyboard.press('Backspace')
    await surface.page.keyboard.type('!')
    expect(await surface.delta()).toEqual([{ insert: 'One!\n' }])
  })

  test('[ES2] Markdown becomes formatting while it is typed, and Backspace takes that back', async () => {
    await surface.start()
    const lines = ['# Title', '**bold** and *thin* and `code` and ~~gone~~', '- item', '', '> quote', '', '[] task', '']
    for (const line of lines) {
      await surface.page.keyboard.type(line)
      await surface.page.keyboard.press('Enter')
    }
    await surface.page.keyboard.type('1. one')
    await surface.page.keyboard.press('Enter')
    await surface.page.keyboard.press('Tab')
    await surface.page.keyboard.type('inner')
    expect(await surface.delta()).toEqual([
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
    await surface.page.keyboard.press('Control+A')
    await surface.page.keyboard.press('Delete')
    await surface.page.keyboard.press('Backspace')
    await surface.page.keyboard.type('# ')
    await surface.page.keyboard.press('Backspace')
    expect(await surface.delta()).toEqual([{ insert: '# \n' }])
  })

  test('[ES3] a listing keeps its lines until Enter is pressed twice at its end', async () => {
    await surface.start()
    for (const line of ['```ts', '  let a', 'b', '', 'after']) {
      await surface.page.keyboard.type(line)
      if (line !== 'after') await surface.page.keyboard.press('Enter')
    }
    expect(await surface.delta()).toEqual([
      { insert: '  let a' },
      { insert: '\n', attributes: { 'code-block': 'ts' } },
      { insert: '  b' },
      { insert: '\n', attributes: { 'code-block': 'ts' } },
      { insert: 'after\n' },
    ])
  })

  test('[ES4] three hyphens draw a line and go on below it', async () => {
    await surface.start()
    await surface.page.keyboard.type('---below')
    expect(await surface.delta()).toEqual([{ insert: { divider: true } }, { insert: '\nbelow\n' }])
    await surface.page.keyboard.press('Home')
    await surface.page.waitForFunction(
      () => window.kit.editors[0]?.surface.view.state.selection.$head.parentOffset === 0,
    )
    await surface.page.keyboard.press('Backspace')
    expect(await surface.delta()).toEqual([{ insert: 'below\n' }])
  })

  test('[ES5] a click on the box of a task checks it; its text takes a caret', async () => {
    await surface.start()
    await surface.page.keyboard.type('[ ] buy milk')
    await surface.page.locator('#Ann input').click()
    expect(await surface.delta()).toEqual([{ insert: 'buy milk' }, { insert: '\n', attributes: { list: 'checked' } }])
    expect(await surface.page.locator('#Ann input').isChecked()).toBe(true)
    await surface.page.keyboard.type('!')
    await surface.page.keyboard.press('Control+Enter')
    expect(await surface.delta()).toEqual([
      { insert: 'buy milk!' },
      { insert: '\n', attributes: { list: 'unchecked' } },
    ])
  })

  test('[ES6] Tab leaves the editor where there is no list', async () => {
    await surface.open('light', 'light')
    await surface.page.locator('#Ann').click()
    await surface.page.keyboard.type('text')
    await surface.page.keyboard.press('Tab')
    expect(await surface.page.evaluate(() => document.activeElement?.id)).toBe('Ben')
  })

  test('[ES7] undo and redo work by key, and put the caret back', async () => {
    await surface.start()
    await surface.page.keyboard.type('abc')
    await surface.page.keyboard.press('Enter')
    await surface.page.keyboard.type('def')
    await surface.page.keyboard.press('Control+Z')
    expect(await surface.delta()).toEqual([{ insert: 'abc\n' }])
    await surface.page.keyboard.type('X')
    expect(await surface.delta()).toEqual([{ insert: 'abcX\n' }])
  })

  test('[ES8] it says what it is to assistive technology', async () => {
    await surface.start()
    await surface.page.keyboard.type('# Title')
    await surface.page.keyboard.press('Enter')
    await surface.page.keyboard.type('- item')
    expect(await surface.page.locator('#Ann').ariaSnapshot()).toBe(
      ['- textbox "Ann":', '  - heading "Title" [level=1]', '  - list:', '    - listitem: • item'].join('\n'),
    )
  })
})

describe.each(['light', 'slotted', 'shadow'] as const)('two editors in %s DOM', (place) => {
  test('[ES9] both see text, caret, selection and name of the other', async () => {
    await surface.open(place, place)
    await surface.page.locator('#Ann').click()
    await surface.page.keyboard.type('Hello there')
    await surface.page.locator('#Ben').click()
    await surface.page.keyboard.press('Control+End')
    await surface.page.keyboard.type(', Ann')
    expect(await surface.delta()).toEqual([{ insert: 'Hello there, Ann\n' }])
    const caret = surface.page.locator('#Ann .weft-caret')
    await caret.waitFor({ state: 'attached' })
    expect(await caret.getAttribute('aria-hidden')).toBe('true')
    expect(await caret.textContent()).toBe('Ben')
    await surface.page.keyboard.press('Shift+Home')
    await surface.page.locator('#Ann .weft-selection').first().waitFor()
    const color = await surface.page
      .locator('#Ann .weft-selection')
      .first()
      .evaluate((element) => getComputedStyle(element).getPropertyValue('--weft-caret'))
    expect(color).toBe('#1b6e8c')
    await surface.page.evaluate(() => window.kit.editors[1]?.surface.destroy())
    await surface.page.locator('#Ann .weft-selection').first().waitFor({ state: 'detached' })
    await surface.page.evaluate(() => void window.kit.editors.pop())
  })
})

describe('when others write', () => {
  test('[ES12] the DOM of blocks that did not change stays', async () => {
    await surface.open('light', 'light')
    await surface.page.locator('#Ann').click()
    await surface.page.keyboard.type('one')
    await surface.page.keyboard.press('Enter')
    await surface.page.keyboard.type('two')
    const stays = await surface.page.evaluate(() => {
      const [ann, ben] = window.kit.editors
      const first = ann?.surface.view.dom.children[0]
      ben?.body.insert(4, 'X')
      ben?.body.format(5, 1, { bold: true })
      return first !== undefined && first === ann?.surface.view.dom.children[0]
    })
    expect(stays).toBe(true)
    expect(await surface.page.locator('#Ann strong').count()).toBe(1)
  })

  test('[ES13] nothing is typed into an editor that is not editable, and it still follows', async () => {
    await surface.open('light', 'light')
    await surface.page.evaluate(() => window.kit.editors[0]?.surface.setEditable(false))
    await surface.page.locator('#Ann').click()
    await surface.page.keyboard.type('no')
    await surface.page.locator('#Ben').click()
    await surface.page.keyboard.type('yes')
    expect(await surface.page.locator('#Ann').textContent()).toContain('yes')
    expect(await surface.delta()).toEqual([{ insert: 'yes\n' }])
    expect(await surface.page.evaluate(() => window.kit.editors[0]?.surface.exec('bold'))).toBe(false)
  })

  test('[ES14] typing in both at once, in one paragraph, loses no letter', async () => {
    await surface.open('light', 'shadow')
    await surface.page.locator('#Ann').click()
    await surface.page.keyboard.type('start end')
    await surface.page.evaluate(() => {
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
    const text = await surface.page.evaluate(() => window.kit.editors[0]?.body.toString() ?? '')
    expect(text.replaceAll(/[^ab]/gu, '').length).toBe(60 + 'start'.replaceAll(/[^ab]/gu, '').length)
  })

  test('[DM15] a composition goes on while another writes in its block, and nothing is lost', async () => {
    await surface.open('light', 'light')
    await surface.page.locator('#Ann').click()
    await surface.page.keyboard.type('say ')
    const devtools = await surface.page.context().newCDPSession(surface.page)
    await devtools.send('Input.imeSetComposition', { text: 'に', selectionStart: 1, selectionEnd: 1 })
    await surface.page.evaluate(() => window.kit.editors[1]?.body.insert(0, 'please '))
    await devtools.send('Input.imeSetComposition', { text: 'にほ', selectionStart: 2, selectionEnd: 2 })
    expect(await surface.page.locator('#Ann').textContent()).toBe('say にほ')
    await devtools.send('Input.insertText', { text: '日本' })
    await surface.page.waitForFunction(() => window.kit.editors[1]?.body.toString() === 'please say 日本\n')
    await surface.page.waitForFunction(() => document.querySelector('#Ann')?.textContent === 'please say 日本')
  })

  test('[DM1] random edits in real views, apart and together, leave all the same', async () => {
    await surface.open('light', 'shadow')
    for (let seed = 1; seed <= FUZZ_SEEDS; seed++) {
      expect(await surface.page.evaluate((number) => window.kit.fuzz(number), seed)).toEqual([])
    }
  })
})
