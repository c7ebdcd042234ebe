/** Copying and pasting in a real browser. */
import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'

import { launchBrowser } from '../support/browser.ts'
import { bundleSurface, SurfacePage } from './binding-support.ts'

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
  await surface.start()
})
afterEach(() => surface.expectSound())

test('[ES10] HTML becomes flat blocks', async () => {
  await surface.paste({
    'text/html': `<h2>Plan <em>A</em></h2><p>See <a href="https://a.example">this</a>
      and <a href="javascript:alert(1)">that</a>.</p>
      <ul><li>one<ol><li><p>inner</p></li></ol></li><li><input type="checkbox" checked>done</li></ul>
      <pre><code class="language-ts">let a
  b</code></pre><blockquote><p>said</p></blockquote><hr><p>end</p>`,
  })
  expect(await surface.delta()).toEqual([
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
  await surface.paste({
    'text/html': `<meta charset="utf-8"><b style="font-weight:normal;" id="docs-internal-guid-1"><p dir="ltr"
      style="line-height:1.38"><span style="font-size:11pt;color:#000000;font-weight:700">Bold</span><span
      style="font-size:11pt;font-style:italic"> thin</span></p><br /><ul><li dir="ltr" aria-level="1"><p
      dir="ltr" role="presentation"><span style="font-weight:400">item</span></p></li></ul></b>`,
  })
  expect(await surface.delta()).toEqual([
    { insert: 'Bold', attributes: { bold: true } },
    { insert: ' thin', attributes: { italic: true } },
    { insert: '\n\nitem' },
    { insert: '\n', attributes: { list: 'bullet' } },
  ])
})

test('[ES10] text becomes one block a line, and code in a listing', async () => {
  await surface.paste({ 'text/plain': 'one\r\n\r\n# two' })
  await surface.page.keyboard.press('Enter')
  await surface.page.keyboard.type('```')
  await surface.page.keyboard.press('Enter')
  await surface.paste({ 'text/plain': 'let a\n  b', 'text/html': '<p><b>let a</b></p><p>  b</p>' })
  expect(await surface.delta()).toEqual([
    { insert: 'one\n\n# two\nlet a' },
    { insert: '\n', attributes: { 'code-block': true } },
    { insert: 'b' },
    { insert: '\n', attributes: { 'code-block': true } },
  ])
})

test('[ES11] what is copied is HTML that others understand, and pastes as it was', async () => {
  await surface.page.keyboard.type('# Title')
  await surface.page.keyboard.press('Enter')
  for (const line of ['- one', 'two', '', '> said', '', '```', 'let  a', 'b']) {
    await surface.page.keyboard.type(line)
    await surface.page.keyboard.press('Enter')
    if (line === 'two') await surface.page.keyboard.press('Tab')
    if (line === '') await surface.page.keyboard.press('Enter')
  }
  await surface.page.keyboard.press('Control+A')
  const copied = await surface.copy()
  expect(copied['text/html']).toContain('<h1 data-pm-slice="0 0 []">Title</h1><ul><li>one</li><li>two')
  const before = await surface.blocks()
  await surface.page.keyboard.press('Control+A')
  await surface.page.keyboard.press('Delete')
  await surface.paste(copied)
  expect(await surface.blocks()).toEqual(before)
})
