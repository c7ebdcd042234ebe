/** CodeMirror with y-codemirror.next, through y-websocket's provider. */
import { EditorState } from '@codemirror/state'
import { basicSetup, EditorView } from 'codemirror'
import { yCollab } from 'y-codemirror.next'
import { WebsocketProvider } from 'y-websocket'
import * as Y from 'yjs'

// Such as ws://localhost:4321, plan, Ann.
const { server, room, name } = Object.fromEntries(new URLSearchParams(location.search))

const doc = new Y.Doc()
const text = doc.getText('codemirror')
const provider = new WebsocketProvider(`${server}/ws`, room, doc)
provider.awareness.setLocalStateField('user', { name, color: '#a33', colorLight: '#a336' })

const editor = new EditorView({
  parent: document.querySelector('#editor'),
  state: EditorState.create({ doc: text.toString(), extensions: [basicSetup, yCollab(text, provider.awareness)] }),
})

// For the test that runs this page.
Object.assign(window, { editor, provider })
