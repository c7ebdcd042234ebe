/** Commands on stretches of text: marks and links. */
import { toggleMark } from 'prosemirror-commands'
import type { Mark } from 'prosemirror-model'
import { TextSelection } from 'prosemirror-state'
import type { Command, EditorState } from 'prosemirror-state'

import type { MarkName } from '../../../shared/model/attributes.ts'
import { safeLink } from '../../../shared/model/attributes.ts'
import { ownStep } from './block-commands.ts'
import { schema } from './schema.ts'

/** Whether the selection, or what would be typed at the caret, has the mark. */
export function hasMark(state: EditorState, name: MarkName): boolean {
  const { from, to, empty, $from } = state.selection
  const type = schema.marks[name]
  if (empty) return type.isInSet(state.storedMarks ?? $from.marks()) !== undefined
  return state.doc.rangeHasMark(from, to, type)
}

/** Puts the mark on the selection, or takes it away. */
export function toggle(name: MarkName): Command {
  const command = toggleMark(schema.marks[name])
  return (state, dispatch) => command(state, dispatch && ((transaction) => dispatch(ownStep(transaction))))
}

/** The address of the link the selection starts in, or null. */
export function linkAt(state: EditorState): string | null {
  const mark = linkMarkAt(state)
  return mark === null ? null : safeLink(mark.attrs['value'])
}

/** Links the selection, or the link the caret is in, or writes the address out where there is neither; null unlinks. */
export function setLink(address: string | null): Command {
  return (state, dispatch) => {
    const { empty } = state.selection
    const current = linkMarkAt(state)
    const range = empty && current !== null ? linkRange(state, current) : state.selection
    const { tr } = state
    if (address === null) {
      if (empty && current === null) return false
      tr.removeMark(range.from, range.to, schema.marks.link)
    } else {
      const href = safeLink(address)
      if (href === null) return false
      const mark = schema.marks.link.create({ value: href })
      if (range.from === range.to) tr.insert(range.from, schema.text(href, [...state.selection.$from.marks(), mark]))
      else tr.addMark(range.from, range.to, mark)
      tr.removeStoredMark(schema.marks.link)
    }
    if (!tr.docChanged) return false
    dispatch?.(ownStep(tr).scrollIntoView())
    return true
  }
}

function linkMarkAt(state: EditorState): Mark | null {
  const { $from, $to } = state.selection
  const found = schema.marks.link.isInSet($from.nodeAfter?.marks ?? [])
  if (found !== undefined) return found
  // A caret at the very end of a link is still in it.
  const before = $from.pos === $to.pos ? schema.marks.link.isInSet($from.nodeBefore?.marks ?? []) : undefined
  return before ?? null
}

/** From where to where `mark` goes around the caret. */
function linkRange(state: EditorState, mark: Mark): { readonly from: number; readonly to: number } {
  const { $from } = state.selection
  if (!(state.selection instanceof TextSelection)) return state.selection
  const { parent } = $from
  let first = $from.index()
  if (!mark.isInSet(parent.maybeChild(first)?.marks ?? [])) first -= 1
  let end = first + 1
  while (first > 0 && mark.isInSet(parent.child(first - 1).marks)) first -= 1
  while (end < parent.childCount && mark.isInSet(parent.child(end).marks)) end += 1
  const offset = (index: number): number =>
    parent.children.slice(0, index).reduce((sum, node) => sum + node.nodeSize, 0)
  return { from: $from.start() + offset(first), to: $from.start() + offset(end) }
}
