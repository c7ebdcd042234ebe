/**
 * Between indexes into the `Y.Text` and positions in the ProseMirror document:
 * `position = index + 1 + number of blocks before it`.
 */
import type { Node } from 'prosemirror-model'
import { TextSelection } from 'prosemirror-state'
import type { EditorState, Selection } from 'prosemirror-state'
import * as Y from 'yjs'

/** A selection that holds on to the text around it rather than to numbers. */
export interface RelativeSelection {
  readonly anchor: Y.RelativePosition
  readonly head: Y.RelativePosition
}

/** The length a body has that reads as `doc` and is closed. */
export function closedLength(doc: Node): number {
  return doc.content.size - doc.childCount
}

/** The index in the text of a position in the document. */
export function indexAt(doc: Node, position: number): number {
  const resolved = doc.resolve(position)
  const blocksBefore = resolved.index(0)
  return Math.max(0, resolved.depth === 0 ? position - blocksBefore : position - 1 - blocksBefore)
}

/** The position in the document of an index in the text; an index past the end is the end of the last block. */
export function positionAt(doc: Node, index: number): number {
  let start = 0
  let left = Math.max(0, index)
  for (const block of doc.children) {
    if (left <= block.content.size) return start + 1 + left
    left -= block.content.size + 1
    start += block.nodeSize
  }
  return doc.content.size - 1
}

/**
 * A position in the document as one relative to the text. It holds on to the character before it, so that what others
 * write at the caret comes after it and a word being typed stays whole; at the start of a block it holds on to what
 * follows, so that a block put before it leaves it where it is.
 */
function relativeAt(body: Y.Text, doc: Node, position: number): Y.RelativePosition {
  const isAtStart = doc.resolve(position).parentOffset === 0
  return Y.createRelativePositionFromTypeIndex(body, indexAt(doc, position), isAtStart ? 0 : -1)
}

/**
 * Where a relative position is now; null when it is in no text we have. Only whoever undid a deletion can follow a
 * position through it (`isOwn`); for others' positions everybody must come to the same place.
 */
export function absoluteIn(body: Y.Text, doc: Node, relative: Y.RelativePosition, isOwn: boolean): number | null {
  if (body.doc === null) return null
  const absolute = Y.createAbsolutePositionFromRelativePosition(relative, body.doc, isOwn)
  return absolute === null || absolute.type !== body ? null : positionAt(doc, absolute.index)
}

/** The selection as one that survives any change. */
export function relativeSelection(body: Y.Text, state: EditorState): RelativeSelection {
  const { anchor, head } = state.selection
  return { anchor: relativeAt(body, state.doc, anchor), head: relativeAt(body, state.doc, head) }
}

/** The own selection in the document as it is now; null when its text is unknown. */
export function resolveSelection(body: Y.Text, doc: Node, selection: RelativeSelection): Selection | null {
  const anchor = absoluteIn(body, doc, selection.anchor, true)
  const head = absoluteIn(body, doc, selection.head, true)
  return anchor === null || head === null ? null : TextSelection.between(doc.resolve(anchor), doc.resolve(head))
}
