/** What Enter, Backspace and the other keys do in a block, depending on what it is. */
import { TextSelection } from 'prosemirror-state'
import type { Command, EditorState, Transaction } from 'prosemirror-state'

import type { BlockAttributes } from '../../../shared/model/attributes.ts'
import { attributesOfNode, kindOf } from './block-dom.ts'
import { indentBy, isDivider, ownStep, setKind, withKind } from './block-commands.ts'
import { emptyBlock } from './document.ts'
import { setBlockAttributes } from './pull.ts'
import { schema } from './schema.ts'

const FENCE = /^```([\w+#.-]{0,40})$/u

/** Enter: leaves an empty list, quote or listing, else starts a new block of the fitting kind. */
export const enter: Command = (state, dispatch) =>
  leaveEmpty(state, dispatch) || openFence(state, dispatch) || split(state, dispatch)

/** Shift-Enter: a line break inside the block. A listing has none: there it is a new line of code. */
export const lineBreak: Command = (state, dispatch) => {
  if (blockAt(state) !== null && kindOf(attributesAt(state)) === 'code') return enter(state, dispatch)
  dispatch?.(state.tr.replaceSelectionWith(schema.node('hardBreak'), true).scrollIntoView())
  return true
}

/** Backspace at the start of a block: makes it a paragraph first, and only then joins it to the one before. */
export const backspaceAtStart: Command = (state, dispatch) => {
  const $caret = caretOf(state)
  if ($caret === null || $caret.parentOffset > 0) return false
  const attributes = attributesAt(state)
  const kind = kindOf(attributes)
  const before = $caret.index(0) > 0 ? state.doc.child($caret.index(0) - 1) : null
  const continues =
    (kind === 'code' || kind === 'quote') && before !== null && kindOf(attributesOfNode(before)) === kind
  if (kind !== 'paragraph' && !continues) return setKind({})(state, dispatch)
  if (attributes.indent !== undefined) return indentBy(-1)(state, dispatch)
  if (before === null || !isDivider(before)) return false
  const start = $caret.before()
  dispatch?.(ownStep(state.tr.delete(start - before.nodeSize, start)).scrollIntoView())
  return true
}

/** Delete at the end of a block before a divider: removes the divider. */
export const deleteAtEnd: Command = (state, dispatch) => {
  const $caret = caretOf(state)
  if ($caret === null || $caret.parentOffset < $caret.parent.content.size) return false
  const end = $caret.after()
  const next = state.doc.nodeAt(end)
  if (next === null || !isDivider(next)) return false
  dispatch?.(ownStep(state.tr.delete(end, end + next.nodeSize)).scrollIntoView())
  return true
}

/** Tab and Shift-Tab: indent lists. Elsewhere Tab moves on, out of the editor. */
export function tab(step: 1 | -1): Command {
  return (state, dispatch) => {
    const { $from } = state.selection
    if ($from.depth === 0 || attributesAt(state).list === undefined) return false
    indentBy(step, (attributes) => attributes.list !== undefined)(state, dispatch)
    return true
  }
}

const leaveEmpty: Command = (state, dispatch) => {
  const $caret = caretOf(state)
  if ($caret === null) return false
  const attributes = attributesAt(state)
  const kind = kindOf(attributes)
  if (kind === 'code') return leaveCode(state, dispatch)
  if ($caret.parent.content.size > 0) return false
  if (kind !== 'list' && kind !== 'task') return kind === 'quote' && setKind({})(state, dispatch)
  return attributes.indent === undefined ? setKind({})(state, dispatch) : indentBy(-1)(state, dispatch)
}

/** A blank line at the end of a listing, other than its only one, becomes a paragraph. */
const leaveCode: Command = (state, dispatch) => {
  const { $from } = state.selection
  const index = $from.index(0)
  const isCode = (at: number): boolean =>
    at >= 0 && at < state.doc.childCount && kindOf(attributesOfNode(state.doc.child(at))) === 'code'
  if ($from.parent.textContent.trim() !== '' || !isCode(index - 1) || isCode(index + 1)) return false
  const { tr } = state
  tr.delete($from.start(), $from.end())
  setBlockAttributes(tr, $from.before(), withKind(attributesAt(state), {}))
  dispatch?.(ownStep(tr).scrollIntoView())
  return true
}

/** "```" and a language, alone in a paragraph, open a listing. */
const openFence: Command = (state, dispatch) => {
  const $caret = caretOf(state)
  if ($caret === null || $caret.parentOffset < $caret.parent.content.size) return false
  const language = FENCE.exec($caret.parent.textContent)?.[1]
  if (language === undefined || kindOf(attributesAt(state)) !== 'paragraph') return false
  const { tr } = state
  tr.delete($caret.start(), $caret.end())
  setBlockAttributes(tr, $caret.before(), withKind(attributesAt(state), { 'code-block': language || true }))
  dispatch?.(ownStep(tr).scrollIntoView())
  return true
}

const split: Command = (state, dispatch) => {
  if (state.selection.$from.depth === 0) return false
  if (dispatch === undefined) return true
  const { tr } = state
  if (!state.selection.empty) tr.deleteSelection()
  splitAt(tr)
  dispatch(ownStep(tr).scrollIntoView())
  return true
}

function splitAt(tr: Transaction): void {
  const { $from } = tr.selection
  const attributes = attributesOfNode($from.parent)
  const isAtEnd = $from.parentOffset === $from.parent.content.size
  if ($from.parentOffset === 0 && !isAtEnd) {
    // The block stays where its text is; an empty one is put above it.
    tr.insert($from.before(), emptyBlock(following(attributes)))
    return
  }
  const next = isAtEnd ? following(attributes) : unchecked(attributes)
  const leading = kindOf(attributes) === 'code' ? (/^[ \t]*/u.exec($from.parent.textContent)?.[0] ?? '') : ''
  tr.split($from.pos, 1, [{ type: schema.nodes.block, attrs: { ...next } }])
  if (leading !== '' && leading.length <= $from.parentOffset) tr.insertText(leading)
}

/** The attributes of a block that follows one with `attributes`: no second heading, and a task that is still to do. */
function following(attributes: BlockAttributes): BlockAttributes {
  return kindOf(attributes) === 'heading' ? withKind(attributes, {}) : unchecked(attributes)
}

function unchecked(attributes: BlockAttributes): BlockAttributes {
  return attributes.list === 'checked' ? { ...attributes, list: 'unchecked' } : attributes
}

function caretOf(state: EditorState): TextSelection['$from'] | null {
  const { selection } = state
  return selection instanceof TextSelection ? selection.$cursor : null
}

function blockAt(state: EditorState): TextSelection['$from'] | null {
  return state.selection.$from.depth === 0 ? null : state.selection.$from
}

function attributesAt(state: EditorState): BlockAttributes {
  return attributesOfNode(state.selection.$from.parent)
}
