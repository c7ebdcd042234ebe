/** Editors without a DOM, bound to documents that exchange updates when told to. */
import { AllSelection, EditorState, TextSelection } from 'prosemirror-state'
import type { Command, Plugin, Transaction } from 'prosemirror-state'
import { expect } from 'vitest'
import * as Y from 'yjs'

import { serialize, parse } from '../../shared/model/blocks.ts'
import type { Block } from '../../shared/model/blocks.ts'
import type { Delta } from '../../shared/model/delta.ts'
import { Binding } from '../../web/editor/surface/binding.ts'
import type { BoundView } from '../../web/editor/surface/binding.ts'
import { blockOf, documentOf } from '../../web/editor/surface/document.ts'
import { schema } from '../../web/editor/surface/schema.ts'

export class HeadlessView implements BoundView {
  state: EditorState
  composing = false
  constructor(state: EditorState) {
    this.state = state
  }
  updateState(state: EditorState): void {
    this.state = state
  }
}

export class TestEditor {
  readonly doc = new Y.Doc()
  readonly errors: unknown[] = []
  /** Changes of the text, here or elsewhere, that went between the halves of a surrogate pair. */
  readonly cuts: unknown[] = []
  readonly body: Y.Text
  readonly binding: Binding
  readonly view: HeadlessView
  isEditable = true

  constructor(clientId: number, options: { readonly plugins?: readonly Plugin[]; readonly update?: Uint8Array } = {}) {
    this.doc.clientID = clientId
    if (options.update !== undefined) Y.applyUpdate(this.doc, options.update)
    this.body = this.doc.getText('body')
    this.#watchPairs()
    this.binding = new Binding({
      body: this.body,
      isEditable: () => this.isEditable,
      onChange: () => {},
      onError: (error) => this.errors.push(error),
    })
    this.view = new HeadlessView(
      EditorState.create({ schema, doc: this.binding.doc, plugins: [...(options.plugins ?? [])] }),
    )
    this.binding.attach(this.view)
  }

  get state(): EditorState {
    return this.view.state
  }

  #watchPairs(): void {
    let before = unitsOf(this.body)
    this.body.observe(({ delta }) => {
      let index = 0
      for (const { retain = 0, delete: deleted = 0 } of delta) {
        if (!before.slice(0, index).isWellFormed()) this.cuts.push(delta)
        index += retain + deleted
      }
      if (!before.slice(0, index).isWellFormed()) this.cuts.push(delta)
      before = unitsOf(this.body)
    })
  }

  /** One line per block, as the view has them. */
  get lines(): readonly string[] {
    return this.state.doc.children.map((block) => block.textContent)
  }

  get blocks(): readonly Block[] {
    return this.state.doc.children.map(blockOf)
  }

  readonly dispatch = (transaction: Transaction): void => this.binding.dispatch(transaction)

  undo(): boolean {
    return this.binding.undo()
  }

  redo(): boolean {
    return this.binding.redo()
  }

  run(command: Command): boolean {
    return command(this.state, this.dispatch)
  }

  /** Puts the caret, or a selection, by block and offset. */
  select(block: number, offset: number, toBlock = block, toOffset = offset): this {
    const position = (index: number, into: number): number => {
      const nodes = this.state.doc.children.slice(0, index)
      return nodes.reduce((sum, node) => sum + node.nodeSize, 0) + 1 + into
    }
    const { doc, tr } = this.state
    const selection = TextSelection.create(doc, position(block, offset), position(toBlock, toOffset))
    this.dispatch(tr.setSelection(selection))
    return this
  }

  selectAll(): this {
    this.dispatch(this.state.tr.setSelection(new AllSelection(this.state.doc)))
    return this
  }

  type(text: string): this {
    for (const character of text) this.dispatch(this.state.tr.insertText(character))
    return this
  }

  /** The caret as [block, offset]. */
  get caret(): readonly [number, number] {
    const { $head } = this.state.selection
    return [$head.index(0), $head.parentOffset]
  }
}

/** Editors that all start from `blocks`; an empty list starts from nothing stored. */
export function editorsWith(blocks: readonly Block[], count = 2): readonly TestEditor[] {
  const source = new Y.Doc()
  source.clientID = 1
  if (blocks.length > 0) source.getText('body').applyDelta(mutable(serialize(blocks)))
  const update = Y.encodeStateAsUpdate(source)
  return Array.from({ length: count }, (_, index) => new TestEditor(index + 10, { update }))
}

/** Two editors on the same plain paragraphs. */
export function pair(...lines: readonly string[]): readonly [TestEditor, TestEditor] {
  const [alice, bob] = editorsWith(lines.map((line) => paragraph(line)))
  if (alice === undefined || bob === undefined) throw new Error('two editors were asked for')
  return [alice, bob]
}

export function paragraph(text: string, attributes: Block['attributes'] = {}): Block {
  return { attributes, content: text === '' ? [] : [{ insert: text, marks: {} }] }
}

/** Brings everybody's updates to everybody. Formatting clean-up writes after a merge, so it goes round until still. */
export function exchange(...editors: readonly TestEditor[]): void {
  let isStill = false
  const stir = (): void => {
    isStill = false
  }
  for (const { doc } of editors) doc.on('update', stir)
  while (!isStill) {
    isStill = true
    for (const from of editors) {
      for (const to of editors) {
        if (from !== to) Y.applyUpdate(to.doc, Y.encodeStateAsUpdate(from.doc, Y.encodeStateVector(to.doc)))
      }
    }
  }
  for (const { doc } of editors) doc.off('update', stir)
}

/** Every view says what its text says, all texts say the same, nothing had to be mended, and no change cut a surrogate pair. */
export function expectAgreement(...editors: readonly TestEditor[]): void {
  for (const editor of editors) {
    expect(editor.errors).toEqual([])
    expect(editor.cuts).toEqual([])
    const { blocks } = parse(editor.body.toDelta())
    // Comparing by hand first: the assertions are for what they print, and slow.
    const said = documentOf(blocks)
    if (!said.eq(editor.state.doc)) expect(editor.state.doc.toJSON()).toEqual(said.toJSON())
    editor.state.doc.check()
    const [text, first] = [editor.body.toDelta(), editors[0]?.body.toDelta()]
    if (JSON.stringify(text) !== JSON.stringify(first)) expect(text).toEqual(first)
  }
}

/** The text with one unit for each embed, as Yjs counts. */
function unitsOf(text: Y.Text): string {
  return (text.toDelta() as Delta)
    .map((op) => ('insert' in op && typeof op.insert === 'string' ? op.insert : '\ufffc'))
    .join('')
}

function mutable(delta: Delta): object[] {
  return delta.map((op) => structuredClone(op))
}
