/** What other people put into names, links, the clipboard and documents runs nothing in a reader's browser. */
import type { Browser, Page } from 'playwright-core'
import { WebSocket } from 'ws'
import { WebsocketProvider } from 'y-websocket'
import * as Y from 'yjs'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { launchBrowser } from '../support/browser.ts'
import { openEditor } from '../support/editor-page.ts'
import { runServer } from '../support/running-server.ts'

/** Ten ways to run a script by markup. `ran` is what each would call. */
const MARKUP = [
  '<script>ran(1)</script>',
  '<img src=x onerror=ran(2)>',
  '<svg onload=ran(3)><animate onbegin=ran(3) attributeName=x dur=1s>',
  '<iframe srcdoc="<script>parent.ran(4)</script>"></iframe>',
  '<details open ontoggle=ran(5)>x</details>',
  '"><input autofocus onfocus=ran(6)>',
  '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=ran(7)&gt;">',
  '<a href="javascript:ran(8)">x</a>',
  '<object data="data:text/html,<script>ran(9)</script>"></object><embed src="javascript:ran(9)">',
  '<form action="javascript:ran(10)"><button autofocus onfocus=ran(10)>x</button></form>',
]

/** Ten addresses that run a script when they are followed, or lead to one. */
const ADDRESSES = [
  'javascript:ran(11)',
  'JaVaScRiPt:ran(12)',
  ' \u0001javascript:ran(13)',
  'java\nscript:ran(14)',
  'java\tscript:ran(15)',
  'vbscript:ran(16)',
  'data:text/html,<script>opener.ran(17)</script>',
  'blob:null/ran(18)',
  'javascript://https://example.com/%0aran(19)',
  'https://example.com/" onmouseover="ran(20)',
]

let browser: Browser

beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

/** A page that notes what ran and what its policy refused. */
async function openWatched(url: string, name: string) {
  const { page, textbox, says } = await openEditor(browser, url, name)
  await page.evaluate(() => {
    const ran: unknown[] = []
    const refused: string[] = []
    Object.assign(globalThis, { ran: (which: unknown) => ran.push(which), allThatRan: ran, refused })
    document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => refused.push(effectiveDirective))
  })
  const noted = (list: string): Promise<unknown[]> =>
    page.evaluate((key) => Reflect.get(globalThis, key) as unknown[], list)
  return { page, textbox, says, ran: () => noted('allThatRan'), refused: () => noted('refused') }
}

/** Somebody with a program instead of an editor. */
function intruder(wsUrl: string, document: string): WebsocketProvider {
  const provider = new WebsocketProvider(wsUrl, document, new Y.Doc(), {
    WebSocketPolyfill: WebSocket as never,
    disableBc: true,
  })
  onTestFinished(() => {
    provider.destroy()
    provider.doc.destroy()
  })
  return provider
}

/** Everything in the page and its shadow roots that could run or lead to a script. */
function suspicious(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = []
    const look = (root: Document | ShadowRoot): void => {
      for (const element of root.querySelectorAll('*')) {
        if (element.matches('script:not([src]), iframe, object, embed, base, math')) found.push(element.outerHTML)
        for (const { name, value } of element.attributes) {
          const isAddress = name === 'href' || name === 'src' || name === 'action' || name.endsWith(':href')
          const runs =
            name.startsWith('on') ||
            name === 'srcdoc' ||
            (isAddress && /^\W*(java|vb)\s*script|^data:text/i.test(value))
          if (runs) found.push(`${element.tagName} ${name}=${value}`)
        }
        if (element.shadowRoot !== null) look(element.shadowRoot)
      }
    }
    look(document)
    return found
  })
}

describe('hostile content', () => {
  test('[SP9] forty ways to run a script, by name, link, clipboard and document, run none', async () => {
    const { url, wsUrl } = await runServer()
    const { page, textbox, says, ran } = await openWatched(url, 'plan')

    // As names and colours of people who are here.
    for (const markup of MARKUP) {
      const { awareness, doc } = intruder(wsUrl, 'plan')
      const start = Y.relativePositionToJSON(Y.createRelativePositionFromTypeIndex(doc.getText('body'), 0))
      const cursor = { anchor: start, head: start }
      awareness.setLocalState({ user: { id: markup, name: markup, color: markup }, cursor })
    }
    // In the document: as its title, as text, as formats, as objects in the text.
    const author = intruder(wsUrl, 'plan')
    const body = author.doc.getText('body')
    author.doc.getMap('meta').set('title', MARKUP.join(''))
    for (const markup of MARKUP) {
      body.insert(0, markup, { [markup]: markup, color: markup, background: `url(${markup})` })
      body.insert(0, '\n', { 'code-block': markup, align: markup, header: markup, list: markup })
      body.insertEmbed(0, { mention: { id: markup, name: markup } })
      body.insertEmbed(0, { [markup]: markup })
    }
    // As links, and as images.
    for (const address of ADDRESSES) {
      body.insert(0, 'follow me', { link: address })
      body.insertEmbed(0, { image: address })
    }
    body.insert(0, 'The end.\n')
    await textbox.filter({ hasText: 'The end.' }).waitFor()
    await textbox
      .locator('.weft-caret-name')
      .nth(MARKUP.length - 1)
      .waitFor({ state: 'attached' })

    // From the clipboard.
    await textbox.press('ControlOrMeta+End')
    const pasted = [...MARKUP, ...ADDRESSES.map((address) => `<a href="${address}">pasted</a><img src="${address}">`)]
    for (const html of pasted) {
      await textbox.evaluate((element, clip) => {
        const clipboardData = new DataTransfer()
        clipboardData.setData('text/html', `<p>before</p>${clip}`)
        clipboardData.setData('text/plain', 'plain')
        element.dispatchEvent(
          new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true, composed: true }),
        )
      }, html)
    }
    await textbox.filter({ hasText: 'before' }).waitFor()
    await says('All changes saved')

    // Whatever became a link is followed.
    for (const link of await textbox.locator('a').all()) await link.dispatchEvent('click')
    expect(await suspicious(page)).toEqual([])
    for (const address of await textbox
      .locator('a')
      .evaluateAll((links) => links.map((link) => link.getAttribute('href')))) {
      expect(address).toMatch(/^(https?:\/\/|mailto:)/)
    }
    expect(await ran()).toEqual([])
    // The page still stands, and so do those who open it now.
    const { page: later, ran: ranLater } = await openWatched(url, 'plan')
    expect([await suspicious(later), await ranLater()]).toEqual([[], []])
  })

  test('[SP10] a document’s name is no markup, and neither is a list of names', async () => {
    const { url, wsUrl } = await runServer()
    for (const markup of MARKUP) {
      const author = intruder(wsUrl, encodeURIComponent(markup))
      author.doc.getMap('meta').set('title', markup)
      author.doc.getText('body').insert(0, 'x')
    }
    const { page, ran } = await openWatched(url, MARKUP[1] ?? '')
    expect([await suspicious(page), await ran()]).toEqual([[], []])
    await page.goto(url)
    await page
      .locator('.list a')
      .nth(MARKUP.length - 1)
      .waitFor()
    expect(await suspicious(page)).toEqual([])
  })

  test('[SP11] what gets into a page all the same does not run: the policy refuses it', async () => {
    const { url } = await runServer()
    const { page, ran, refused } = await openWatched(url, 'plan')
    await page.evaluate((markup) => {
      const place = document.createElement('div')
      document.body.append(place)
      for (const html of markup) {
        place.innerHTML += html
        const script = document.createElement('script')
        script.textContent = 'ran("script")'
        place.append(script)
      }
      place.querySelector('a')?.click()
    }, MARKUP)
    await expect.poll(refused).toEqual(expect.arrayContaining(['script-src-attr', 'script-src-elem']))
    expect(await ran()).toEqual([])
    // What we watch for is seen: a script that may run, does.
    await page.evaluate('ran("seen")')
    expect(await ran()).toEqual(['seen'])
  })
})
