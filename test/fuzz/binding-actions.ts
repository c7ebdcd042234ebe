/** Random edits of one editor, drawn from a seed. */
import { chainCommands, deleteSelection, joinBackward, joinForward, toggleMark } from 'prosemirror-commands'
import { TextSelection } from 'prosemirror-state'

import type { BlockAttributes } from '../../shared/model/attributes.ts'
import { indentBy, insertDivider, setKind, toggleTasks } from '../../web/editor/surface/block-commands.ts'
import { sliceOf } from '../../web/editor/surface/document.ts'
import { schema } from '../../web/editor/surface/schema.ts'
import { backspaceAtStart, enter, lineBreak } from '../../web/editor/surface/typing-commands.ts'
import type { TestEditor } from '../web/binding-harness.ts'

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

/** Does one random thing in the editor. */
export function act(editor: TestEditor, random: Random): void {
  const pick = <Item>(items: readonly Item[]): Item => {
    const item = items[random(items.length)]
    if (item === undefined) throw new Error('nothing to pick from')
    return item
  }
  const type = (): void => editor.binding.dispatch(editor.state.tr.insertText(pick(TEXTS)))
  const deleteRange = (): void => {
    const { doc, tr } = editor.state
    const from = random(doc.content.size)
    const to = Math.min(doc.content.size, from + random(12))
    editor.binding.dispatch(tr.deleteRange(...snapped(doc.content.size, from, to)))
  }
  const actions: readonly (readonly [weight: number, action: () => void])[] = [
    [14, () => (moveCaret(editor, random, 0), type())],
    [14, type],
    [5, () => (moveCaret(editor, random, 8), editor.run(deleteSelection))],
    [3, deleteRange],
    [6, () => (moveCaret(editor, random, 0), editor.run(enter))],
    [3, () => editor.run(enter)],
    [2, () => editor.run(lineBreak)],
    [5, () => (caretToStart(editor, random), editor.run(chainCommands(backspaceAtStart, joinBackward)))],
    [2, () => (caretToStart(editor, random), editor.run(joinBackward))],
    [2, () => (caretToEnd(editor, random), editor.run(joinForward))],
    [6, () => (moveCaret(editor, random, 9), editor.run(toggleMark(schema.marks[pick(MARKS)])))],
    [
      2,
      () => (
        moveCaret(editor, random, 9),
        editor.run(toggleMark(schema.marks.link, { value: pick(['https://a.example/', 'mailto:b@example.org']) }))
      ),
    ],
    [6, () => (moveCaret(editor, random, 14), editor.run(setKind(pick(KINDS))))],
    [2, () => (moveCaret(editor, random, 14), editor.run(indentBy(pick([1, -1]))))],
    [1, () => (moveCaret(editor, random, 3), editor.run(toggleTasks))],
    [1, () => (moveCaret(editor, random, 0), editor.run(insertDivider))],
    [2, () => paste(editor, random)],
    [1, () => moveBlock(editor, random)],
    [1, () => (editor.selectAll(), editor.run(deleteSelection))],
    [4, () => editor.binding.undo()],
    [3, () => editor.binding.redo()],
    [2, () => editor.binding.undoSteps.break()],
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

function moveCaret(editor: TestEditor, random: Random, reach: number): void {
  const { doc, tr } = editor.state
  const from = random(doc.content.size)
  const to = Math.min(doc.content.size, from + random(reach + 1))
  editor.binding.dispatch(tr.setSelection(TextSelection.between(doc.resolve(from), doc.resolve(to))))
}

function caretToStart(editor: TestEditor, random: Random): void {
  editor.select(random(editor.state.doc.childCount), 0)
}

function caretToEnd(editor: TestEditor, random: Random): void {
  const block = random(editor.state.doc.childCount)
  editor.select(block, editor.state.doc.child(block).content.size)
}

function paste(editor: TestEditor, random: Random): void {
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
  editor.binding.dispatch(editor.state.tr.replaceSelection(sliceOf(blocks.slice(0, 1 + random(4)))))
}

function moveBlock(editor: TestEditor, random: Random): void {
  const { doc, tr } = editor.state
  if (doc.childCount < 2) return
  const from = random(doc.childCount)
  const node = doc.child(from)
  let start = 0
  for (let index = 0; index < from; index++) start += doc.child(index).nodeSize
  tr.delete(start, start + node.nodeSize)
  editor.binding.dispatch(tr.insert(random(2) === 0 ? 0 : tr.doc.content.size, node))
}

function snapped(size: number, from: number, to: number): [number, number] {
  return [Math.min(from, size), Math.max(from, to)]
}
