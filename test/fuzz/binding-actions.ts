/** Random edits of one editor, drawn from a seed. */
import { chainCommands, deleteSelection, joinBackward, joinForward, toggleMark } from 'prosemirror-commands'
import { AllSelection, TextSelection } from 'prosemirror-state'
import type { Command, EditorState, Transaction } from 'prosemirror-state'

import type { BlockAttributes } from '../../shared/model/attributes.ts'
import { indentBy, insertDivider, setKind, toggleTasks } from '../../web/editor/surface/block-commands.ts'
import { sliceOf } from '../../web/editor/surface/document.ts'
import { schema } from '../../web/editor/surface/schema.ts'
import { backspaceAtStart, enter, lineBreak } from '../../web/editor/surface/typing-commands.ts'

const TEXTS = [
  'a',
  'b',
  'the ',
  'aa',
  '\u{1f600}',
  '\u{1f601}',
  '\u{1f468}\u200d\u{1f469}\u200d\u{1f467}',
  'שלום',
  'مرحبا',
  'é',
  '\u2028',
  '\ufffc',
  '  ',
]
const KINDS: readonly BlockAttributes[] = [
  {},
  { header: 1 },
  { header: 3 },
  { list: 'bullet' },
  { list: 'ordered' },
  { list: 'unchecked' },
  { blockquote: true },
  { 'code-block': true },
  { 'code-block': 'typescript' },
]
const MARKS = ['bold', 'italic', 'underline', 'strike', 'code'] as const

/** Numbers below a bound, the same for the same seed (mulberry32). */
export type Random = (bound: number) => number

export function randomFrom(seed: number): Random {
  let state = seed >>> 0
  return (bound) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * bound)
  }
}

/** An editor, with a DOM or without. */
export interface Actor {
  readonly state: EditorState
  dispatch(transaction: Transaction): void
  undo(): boolean
  redo(): boolean
}

/** Does one random thing in the editor. */
export function act(editor: Actor, random: Random): void {
  const pick = <Item>(items: readonly Item[]): Item => {
    const item = items[random(items.length)]
    if (item === undefined) throw new Error('nothing to pick from')
    return item
  }
  const type = (): void => editor.dispatch(editor.state.tr.insertText(pick(TEXTS)))
  const deleteRange = (): void => {
    const { doc, tr } = editor.state
    const from = random(doc.content.size)
    const to = Math.min(doc.content.size, from + random(12))
    editor.dispatch(tr.deleteRange(...snapped(doc.content.size, from, to)))
  }
  const actions: readonly (readonly [weight: number, action: () => void])[] = [
    [14, () => (moveCaret(editor, random, 0), type())],
    [14, type],
    [5, () => (moveCaret(editor, random, 8), run(editor, deleteSelection))],
    [3, deleteRange],
    [6, () => (moveCaret(editor, random, 0), run(editor, enter))],
    [3, () => run(editor, enter)],
    [2, () => run(editor, lineBreak)],
    [5, () => (caretToStart(editor, random), run(editor, chainCommands(backspaceAtStart, joinBackward)))],
    [2, () => (caretToStart(editor, random), run(editor, joinBackward))],
    [2, () => (caretToEnd(editor, random), run(editor, joinForward))],
    [6, () => (moveCaret(editor, random, 9), run(editor, toggleMark(schema.marks[pick(MARKS)])))],
    [
      2,
      () => (
        moveCaret(editor, random, 9),
        run(editor, toggleMark(schema.marks.link, { value: pick(['https://a.example/', 'mailto:b@example.org']) }))
      ),
    ],
    [6, () => (moveCaret(editor, random, 14), run(editor, setKind(pick(KINDS))))],
    [2, () => (moveCaret(editor, random, 14), run(editor, indentBy(pick([1, -1]))))],
    [1, () => (moveCaret(editor, random, 3), run(editor, toggleTasks))],
    [1, () => (moveCaret(editor, random, 0), run(editor, insertDivider))],
    [2, () => paste(editor, random)],
    [1, () => moveBlock(editor, random)],
    [1, () => (selectAll(editor), run(editor, deleteSelection))],
    [4, () => editor.undo()],
    [3, () => editor.redo()],
  ]
  let left = random(actions.reduce((sum, [weight]) => sum + weight, 0))
  for (const [weight, action] of actions) {
    left -= weight
    if (left < 0) {
      action()
      return
    }
  }
}

function moveCaret(editor: Actor, random: Random, reach: number): void {
  const { doc, tr } = editor.state
  const from = random(doc.content.size)
  const to = Math.min(doc.content.size, from + random(reach + 1))
  editor.dispatch(tr.setSelection(TextSelection.between(doc.resolve(from), doc.resolve(to))))
}

function caretToStart(editor: Actor, random: Random): void {
  caretInBlock(editor, random(editor.state.doc.childCount), () => 0)
}

function caretToEnd(editor: Actor, random: Random): void {
  caretInBlock(editor, random(editor.state.doc.childCount), (size) => size)
}

function caretInBlock({ state, dispatch }: Actor, block: number, offset: (size: number) => number): void {
  const start = state.doc.children.slice(0, block).reduce((sum, node) => sum + node.nodeSize, 0)
  const position = start + 1 + offset(state.doc.child(block).content.size)
  dispatch(state.tr.setSelection(TextSelection.create(state.doc, position)))
}

function selectAll({ state, dispatch }: Actor): void {
  dispatch(state.tr.setSelection(new AllSelection(state.doc)))
}

function run({ state, dispatch }: Actor, command: Command): void {
  command(state, dispatch)
}

function paste(editor: Actor, random: Random): void {
  moveCaret(editor, random, 6)
  const blocks = [
    { attributes: {}, content: [{ insert: 'pasted', marks: { bold: true } as const }] },
    {
      attributes: KINDS[random(KINDS.length)] ?? {},
      content: [{ insert: { mention: { id: '7', name: 'Ann' } }, marks: {} }],
    },
    { attributes: {}, content: [] },
    { attributes: KINDS[random(KINDS.length)] ?? {}, content: [{ insert: 'the end', marks: {} }] },
  ]
  editor.dispatch(editor.state.tr.replaceSelection(sliceOf(blocks.slice(0, 1 + random(4)))))
}

function moveBlock(editor: Actor, random: Random): void {
  const { doc, tr } = editor.state
  if (doc.childCount < 2) return
  const from = random(doc.childCount)
  const node = doc.child(from)
  let start = 0
  for (let index = 0; index < from; index++) start += doc.child(index).nodeSize
  tr.delete(start, start + node.nodeSize)
  editor.dispatch(tr.insert(random(2) === 0 ? 0 : tr.doc.content.size, node))
}

function snapped(size: number, from: number, to: number): [number, number] {
  return [Math.min(from, size), Math.max(from, to)]
}
