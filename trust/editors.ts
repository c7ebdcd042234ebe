/** People who write in scripts of all kinds: in our editor without a page, or with a stock provider and bare Yjs. */
import { isDeepStrictEqual } from 'node:util'
import { deleteSelection, toggleMark } from 'prosemirror-commands'
import type { Node } from 'prosemirror-model'
import { type Command, EditorState, TextSelection } from 'prosemirror-state'
import { WebsocketProvider } from 'y-websocket'
import { WebSocket } from 'ws'
import * as Y from 'yjs'
import { Binding, type BoundView } from '../web/editor/surface/binding.ts'
import { setKind } from '../web/editor/surface/block-commands.ts'
import { schema } from '../web/editor/surface/schema.ts'
import { enter } from '../web/editor/surface/typing-commands.ts'
import { below, pick } from './fuzz/update-documents.ts'
import type { Lab } from './lab.ts'

/** Where they meet. */
export interface Place {
  readonly url: string
  readonly wsUrl: string
  readonly document: string
}

export interface Editor {
  readonly doc: Y.Doc
  /** In step with the server, and saved as far as it is told. */
  readonly isSettled: boolean
  edit(): void
  connect(): void
  disconnect(): void
  leave(): void
}

/** Surrogate pairs, joined and modified emoji, flags, combining marks, right to left, marks of direction, line separators. */
const TEXTS = [
  'word ',
  '😀',
  '👩‍🚀',
  '👨‍👩‍👧‍👦',
  '👍🏽',
  '🇩🇪🇺🇦',
  '𝒳𐍈',
  'e\u0301n\u0303',
  'שלום ',
  'مرحبا ',
  '\u202bab\u202c',
  '\u2067גד\u2069',
  'हिन्दी',
  '日本',
  '😀😀😀',
]
const FORMATS = [{ bold: true }, { bold: null }, { italic: true }]

/** Whoever types in our editor: its document and its text are kept the same by what binds them in the browser. */
export function ourEditor(lab: Lab, { url, document }: Place): Editor {
  const client = lab.client(url, document)
  const binding = new Binding({
    body: client.doc.getText('body'),
    isEditable: () => client.state.writable,
    onChange: () => undefined,
    onError: (error) => {
      throw error
    },
  })
  const view = new HeadlessView(EditorState.create({ schema, doc: binding.doc }))
  binding.attach(view)
  const run = (command: Command): void => void command(view.state, (transaction) => binding.dispatch(transaction))
  const select = (reach: number): void => {
    const { doc, tr } = view.state
    // A browser puts no caret within a character.
    const from = startOfCharacter(textOf(doc), below(lab.random, doc.content.size))
    const to = startOfCharacter(textOf(doc), Math.min(doc.content.size, from + below(lab.random, reach + 1)))
    binding.dispatch(tr.setSelection(TextSelection.between(doc.resolve(from), doc.resolve(to))))
  }
  return {
    doc: client.doc,
    get isSettled() {
      return client.synced && client.unsaved === 0
    },
    edit() {
      const kind = lab.random()
      select(kind < 0.5 ? 0 : 6)
      if (kind < 0.55) binding.dispatch(view.state.tr.insertText(pick(lab.random, TEXTS)))
      else if (kind < 0.7) run(deleteSelection)
      else if (kind < 0.8) run(toggleMark(pick(lab.random, [schema.marks.bold, schema.marks.italic])))
      else if (kind < 0.85) run(setKind(pick(lab.random, [{}, { header: 1 }])))
      else if (kind < 0.9) run(enter)
      else if (kind < 0.97) binding.undo()
      else binding.redo()
    },
    connect: () => client.connect(),
    disconnect: () => client.disconnect(),
    leave: () => {
      binding.destroy()
      client.destroy()
    },
  }
}

/** Whoever uses a stock provider: edits at whole characters, as people do, or, with `isBlind`, at any index. */
export function stockEditor(lab: Lab, { wsUrl, document }: Place, isBlind: boolean): Editor {
  const doc = new Y.Doc()
  const provider = new WebsocketProvider(wsUrl, document, doc, {
    disableBc: true,
    // `ws` has the members of the browser's class that the provider uses.
    WebSocketPolyfill: WebSocket as unknown as typeof globalThis.WebSocket,
  })
  const leave = (): void => {
    provider.destroy()
    doc.destroy()
  }
  lab.atEnd(leave)
  const text = doc.getText('body')
  const place = (): number => {
    const index = below(lab.random, text.length + 1)
    return isBlind ? index : startOfCharacter(text.toJSON(), index)
  }
  return {
    doc,
    get isSettled() {
      return provider.synced
    },
    edit() {
      if (!provider.synced && text.length === 0) return
      const kind = lab.random()
      const [from, to] = [place(), place()].sort((a, b) => a - b) as [number, number]
      const end = isBlind ? Math.min(to, from + 5) : startOfCharacter(text.toJSON(), Math.min(to, from + 5))
      if (kind < 0.55 || end <= from) text.insert(from, pick(lab.random, TEXTS))
      else if (kind < 0.75) text.delete(from, end - from)
      else text.format(from, end - from, pick(lab.random, FORMATS))
    },
    connect: () => provider.connect(),
    disconnect: () => provider.disconnect(),
    leave,
  }
}

/** Whether both show the same. */
export function areEqual(left: Y.Doc, right: Y.Doc): boolean {
  return isDeepStrictEqual(left.getText('body').toDelta(), right.getText('body').toDelta())
}

/** How many halves of characters a document shows: code units that stand alone, and what Yjs puts in their place. */
export function halvesIn(doc: Y.Doc): number {
  return doc.getText('body').toJSON().toWellFormed().split('\ufffd').length - 1
}

class HeadlessView implements BoundView {
  readonly composing = false
  state: EditorState

  constructor(state: EditorState) {
    this.state = state
  }

  updateState(state: EditorState): void {
    this.state = state
  }
}

/** With one code unit for each position, as both count them. */
function textOf(doc: Node): string {
  return ` ${doc.textBetween(0, doc.content.size, '  ', ' ')}`
}

function startOfCharacter(text: string, index: number): number {
  const unit = text.charCodeAt(index)
  return index > 0 && unit >= 0xdc00 && unit <= 0xdfff ? index - 1 : index
}
