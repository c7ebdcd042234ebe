/** The page of one document: the editor, its title, its history, and who else may see it. */
import { adoptStyles } from '../look/adopt.ts'
import { controls } from '../look/controls.ts'
import { tokens } from '../look/tokens.ts'
import { WeftEditor } from '../editor/weft-editor.ts'
import { deviceStorage } from '../editor/visitor.ts'
import { DocumentApi } from './api.ts'
import { AskDialog } from './ask-dialog.ts'
import { documentFromPath } from './document-path.ts'
import { HistoryPanel } from './history-panel.ts'
import { rememberRecent } from './recent-documents.ts'
import { registerServiceWorker } from './register-service-worker.ts'
import { ShareDialog } from './share-dialog.ts'
import { keepToken, keptToken, tabStorage, tokenInFragment } from './share-token.ts'
import { bindTitle } from './title-field.ts'

adoptStyles(document, tokens, controls)
customElements.define('weft-editor', WeftEditor)
customElements.define('weft-history', HistoryPanel)
customElements.define('weft-share', ShareDialog)
customElements.define('weft-ask', AskDialog)
registerServiceWorker()

const name = documentFromPath(location.pathname)
const editor = find(WeftEditor, 'weft-editor')
const title = find(HTMLInputElement, 'input.title')
const history = find(HistoryPanel, 'weft-history')
const share = find(ShareDialog, 'weft-share')
const ask = find(AskDialog, 'weft-ask')
const showHistory = find(HTMLButtonElement, '[data-action="history"]')
const showSharing = find(HTMLButtonElement, '[data-action="share"]')
const heading = find(HTMLHeadingElement, 'h1')
const api = new DocumentApi(name, () => editor.token)

takeToken()
editor.document = name
history.api = api
history.author = () => editor.client?.user.name ?? ''
history.mayRestore = () => editor.client?.state.writable === true
share.api = api
share.document = name
// Whoever needed no token to get in was not let in: there is no door.
share.isOpen = () => editor.token === null && editor.client?.role === 'owner'
showTitle(name)

// A link opened in a tab that shows the document already changes nothing but the fragment.
window.addEventListener('hashchange', takeToken)

editor.addEventListener('weft-ready', ({ detail: { client } }) => {
  bindTitle(title, client, (text) => {
    showTitle(text)
    rememberRecent(deviceStorage(), { document: name, title: text, openedAtMs: Date.now() })
  })
  title.readOnly = !client.state.writable
  showHistory.disabled = false
  showSharing.disabled = false
})
editor.addEventListener('weft-access', ({ detail: { writable } }) => {
  title.readOnly = !writable
})
editor.addEventListener('weft-ask-access', ({ detail: { role } }) => {
  ask.open({ title: heading.textContent, name: editor.client?.user.name ?? '', role })
})

title.addEventListener('keydown', (event) => {
  if (event.key !== 'Enter' || event.isComposing) return
  event.preventDefault()
  editor.focus()
})

showHistory.addEventListener('click', () => history.open())
showSharing.addEventListener('click', () => share.open())

window.addEventListener('beforeunload', (event) => {
  const state = editor.client?.state
  if (state !== undefined && state.unsaved > 0 && !state.keptOnDevice) event.preventDefault()
})

/** Gives the editor the token of a share link, and takes it out of the address. */
function takeToken(): void {
  const token = tokenInFragment(location.hash)
  if (token !== null) {
    keepToken(tabStorage(), name, token)
    window.history.replaceState(window.history.state, '', location.pathname + location.search)
  }
  editor.token = token ?? keptToken(tabStorage(), name)
}

function showTitle(text: string): void {
  document.title = `${text || 'Untitled'} – Weft`
  heading.textContent = text || 'Untitled'
}

function find<Found extends Element>(kind: new () => Found, selector: string): Found {
  const found = document.querySelector(selector)
  if (!(found instanceof kind)) throw new Error(`edit.html has no ${selector}.`)
  return found
}
