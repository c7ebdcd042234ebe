/** What the browser tests of the editing surface put on a page. Bundled; never run in Node. */
import { Awareness, applyAwarenessUpdate, encodeAwarenessUpdate } from 'y-protocols/awareness'
import * as Y from 'yjs'

import { parse } from '../../shared/model/blocks.ts'
import { documentOf } from '../../web/editor/surface/document.ts'
import { contentStyles } from '../../web/editor/surface/content-css.ts'
import { mountEditor } from '../../web/editor/surface/mount.ts'
import type { EditingSurface } from '../../web/editor/types.ts'
import { act, randomFrom } from '../fuzz/binding-actions.ts'
import type { Actor } from '../fuzz/binding-actions.ts'

/** One editor on the page. */
export interface PageEditor {
  readonly surface: EditingSurface
  readonly doc: Y.Doc
  readonly body: Y.Text
  readonly awareness: Awareness
  readonly errors: string[]
}

/** Two editors that hear of each other at once while `isTogether`. */
export class Kit {
  readonly Y = Y
  readonly editors: PageEditor[] = []
  isTogether = true

  /** Opens an editor on a new element, in a shadow root when asked for; all have the same document. */
  open(name: string, color: string, place: 'light' | 'slotted' | 'shadow' = 'light'): PageEditor {
    const doc = new Y.Doc()
    const first = this.editors[0]
    if (first !== undefined) Y.applyUpdate(doc, Y.encodeStateAsUpdate(first.doc))
    const awareness = new Awareness(doc)
    awareness.setLocalState({ user: { id: name, name, color } })
    const errors: string[] = []
    const element = this.#elementIn(place, name)
    const surface = mountEditor({
      place: element,
      doc,
      awareness,
      editable: true,
      label: name,
      placeholder: 'Write',
      onChange: () => {},
      onError: (error) => errors.push(error instanceof Error ? (error.stack ?? error.message) : String(error)),
    })
    const editor = { surface, doc, body: doc.getText('body'), awareness, errors }
    this.editors.push(editor)
    this.#connect(editor)
    return editor
  }

  /** Brings everybody's updates and states to everybody. */
  exchange(): void {
    for (let round = 0; round < 3; round++) {
      for (const from of this.editors) {
        for (const to of this.editors) {
          if (from === to) continue
          Y.applyUpdate(to.doc, Y.encodeStateAsUpdate(from.doc, Y.encodeStateVector(to.doc)))
        }
      }
    }
  }

  /** The text of the first editor as blocks. */
  blocks(): unknown {
    return parse(this.editors[0]?.body.toDelta() ?? []).blocks
  }

  /** Lets the editors do random things, apart and together; says what was wrong first. */
  fuzz(seed: number): readonly string[] {
    const random = randomFrom(seed)
    const actors = this.editors.map(({ surface }) => actorOf(surface))
    for (let round = 0; round < 5; round++) {
      this.isTogether = random(3) === 0
      for (let count = 0; count < 12; count++) {
        const actor = actors[random(actors.length)]
        if (actor !== undefined) act(actor, random)
      }
      this.exchange()
      const wrong = this.disagreements()
      if (wrong.length > 0) return [`seed ${seed}, round ${round}`, ...wrong]
    }
    return []
  }

  /** What is wrong: views that do not say what their text says, texts that differ, and errors. */
  disagreements(): readonly string[] {
    const texts = new Set(this.editors.map(({ body }) => JSON.stringify(body.toDelta())))
    const wrong = this.editors.flatMap(({ body, surface, errors }, index) => {
      const said = documentOf(parse(body.toDelta()).blocks)
      const shown = surface.view.state.doc
      const drawn = surface.view.dom.children.length
      return [
        ...errors,
        ...(said.eq(shown) ? [] : [`editor ${index} shows ${shown.toString()} for ${said.toString()}`]),
        ...(drawn === said.childCount ? [] : [`editor ${index} draws ${drawn} blocks for ${said.childCount}`]),
      ]
    })
    return texts.size <= 1 ? wrong : [...wrong, `texts differ: ${[...texts].join(' / ')}`]
  }

  #elementIn(place: 'light' | 'slotted' | 'shadow', name: string): HTMLElement {
    const element = document.createElement('div')
    element.id = name
    const host = document.createElement('section')
    document.body.append(host)
    const root = place === 'light' ? document : host.attachShadow({ mode: 'open' })
    if (place === 'shadow' && root instanceof ShadowRoot) root.append(element)
    else host.append(element)
    if (place === 'slotted' && root instanceof ShadowRoot) root.append(document.createElement('slot'))
    const styles = contentStyles.styleSheet
    const sheets = place === 'shadow' ? root : document
    if (styles !== undefined && !sheets.adoptedStyleSheets.includes(styles)) sheets.adoptedStyleSheets.push(styles)
    return element
  }

  #connect(editor: PageEditor): void {
    editor.doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (!this.isTogether || origin === 'relay') return
      for (const other of this.editors) if (other !== editor) Y.applyUpdate(other.doc, update, 'relay')
    })
    editor.awareness.on('update', (_changes: unknown, origin: unknown) => {
      if (!this.isTogether || origin === 'relay') return
      const update = encodeAwarenessUpdate(editor.awareness, [editor.doc.clientID])
      for (const other of this.editors) if (other !== editor) applyAwarenessUpdate(other.awareness, update, 'relay')
    })
  }
}

function actorOf(surface: EditingSurface): Actor {
  return {
    get state() {
      return surface.view.state
    },
    dispatch: (transaction) => surface.view.dispatch(transaction),
    undo: () => surface.exec('undo'),
    redo: () => surface.exec('redo'),
  }
}

declare global {
  interface Window {
    kit: Kit
  }
}

window.kit = new Kit()
