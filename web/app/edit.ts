/** The page of one document: the editor, its title, and the way to its history. */
import { adoptStyles } from '../look/adopt.ts'
import { controls } from '../look/controls.ts'
import { tokens } from '../look/tokens.ts'
import { WeftEditor } from '../editor/weft-editor.ts'
import { deviceStorage } from '../editor/visitor.ts'
import { documentFromPath } from './document-path.ts'
import { HistoryPanel } from './history-panel.ts'
import { rememberRecent } from './recent-documents.ts'
import { registerServiceWorker } from './register-service-worker.ts'
import { bindTitle } from './title-field.ts'

const COPIED_FOR_MS = 2_000

adoptStyles(document, tokens, controls)
customElements.define('weft-editor', WeftEditor)
customElements.define('weft-history', HistoryPanel)
registerServiceWorker()

const name = documentFromPath(location.pathname)
const editor = find(WeftEditor, 'weft-editor')
const title = find(HTMLInputElement, 'input.title')
const history = find(HistoryPanel, 'weft-history')
const heading = find(HTMLHeadingElement, 'h1')
const copy = find(HTMLButtonElement, '[data-action="copy"]')

editor.document = name
history.document = name
history.author = () => editor.client?.user.name ?? ''
showTitle(name)

editor.addEventListener('weft-ready', ({ detail: { client } }) => {
  bindTitle(title, client, (text) => {
    showTitle(text)
    rememberRecent(deviceStorage(), { document: name, title: text, openedAtMs: Date.now() })
  })
})

title.addEventListener('keydown', (event) => {
  if (event.key !== 'Enter' || event.isComposing) return
  event.preventDefault()
  editor.focus()
})

find(HTMLButtonElement, '[data-action="history"]').addEventListener('click', () => history.open())

copy.addEventListener('click', () => {
  void copyLink()
})

window.addEventListener('beforeunload', (event) => {
  const state = editor.client?.state
  if (state !== undefined && state.unsaved > 0 && !state.keptOnDevice) event.preventDefault()
})

function showTitle(text: string): void {
  document.title = `${text || 'Untitled'} – Weft`
  heading.textContent = text || 'Untitled'
}

async function copyLink(): Promise<void> {
  const label = copy.textContent
  try {
    await navigator.clipboard.writeText(location.href)
    copy.textContent = 'Copied'
  } catch {
    // Without the permission the address bar is the way, and saying so is all that can be done.
    copy.textContent = 'Copy it from the address bar'
  }
  setTimeout(() => (copy.textContent = label), COPIED_FOR_MS)
}

function find<Found extends Element>(kind: new () => Found, selector: string): Found {
  const found = document.querySelector(selector)
  if (!(found instanceof kind)) throw new Error(`edit.html has no ${selector}.`)
  return found
}
