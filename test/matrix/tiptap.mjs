/** Tiptap with its own collaboration extensions, through Hocuspocus' provider. */
import { HocuspocusProvider } from '@hocuspocus/provider'
import { Editor } from '@tiptap/core'
import { Collaboration } from '@tiptap/extension-collaboration'
import { CollaborationCaret } from '@tiptap/extension-collaboration-caret'
import { StarterKit } from '@tiptap/starter-kit'
import * as Y from 'yjs'

// Such as ws://localhost:4321, plan, Ann.
const { server, room, name } = Object.fromEntries(new URLSearchParams(location.search))

const doc = new Y.Doc()
const provider = new HocuspocusProvider({ url: `${server}/hocuspocus`, name: room, document: doc })

const editor = new Editor({
  element: document.querySelector('#editor'),
  extensions: [
    // Undoing is the collaboration extension's: it takes back what was typed here only.
    StarterKit.configure({ undoRedo: false }),
    Collaboration.configure({ document: doc }),
    CollaborationCaret.configure({ provider, user: { name, color: '#a33' } }),
  ],
})

// For the test that runs this page.
Object.assign(window, { editor, provider })
