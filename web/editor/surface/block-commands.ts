/** Commands on whole blocks: what kind they are, and how far in. */
import type { Node } from 'prosemirror-model'
import { TextSelection } from 'prosemirror-state'
import type { Command, EditorState, Transaction } from 'prosemirror-state'

import { MAX_INDENT } from '../../../shared/model/attributes.ts'
import type { BlockAttributes } from '../../../shared/model/attributes.ts'
import { OWN_STEP } from './binding.ts'
import { attributesOfNode, kindOf } from './block-dom.ts'
import { emptyBlock } from './document.ts'
import { setBlockAttributes } from './pull.ts'
import { schema } from './schema.ts'

/** The attributes that say what a block is; setting one kind clears the others. */
export type Kind = Pick<BlockAttributes, 'header' | 'list' | 'blockquote' | 'code-block'>

interface PlacedBlock {
  readonly node: Node
  readonly position: number
}

/** The blocks the selection touches. */
export function selectedBlocks(state: EditorState): readonly PlacedBlock[] {
  const blocks: PlacedBlock[] = []
  state.doc.nodesBetween(state.selection.from, state.selection.to, (node, position) => {
    if (node.type === schema.nodes.block) blocks.push({ node, position })
    return false
  })
  return blocks
}

/** `attributes` as those of a block of another kind. Only lists and paragraphs keep their indent. */
export function withKind(attributes: BlockAttributes, kind: Kind): BlockAttributes {
  const { header: _header, list: _list, blockquote: _quote, 'code-block': _code, indent, ...rest } = attributes
  const keepsIndent = indent !== undefined && kind.list !== undefined
  return { ...rest, ...(keepsIndent ? { indent } : {}), ...kind }
}

/** Makes every selected block of one kind; `{}` is a paragraph. */
export function setKind(kind: Kind): Command {
  return changeBlocks((attributes) => withKind(attributes, kind))
}

/** Makes every selected block of one kind, or paragraphs when they are already. */
export function toggleKind(kind: Kind, isKind: (attributes: BlockAttributes) => boolean): Command {
  return (state, dispatch) => {
    const isOn = selectedBlocks(state).every(({ node }) => isKind(attributesOfNode(node)))
    return setKind(isOn ? {} : kind)(state, dispatch)
  }
}

/** Moves the selected blocks in or out by one step. False when none can move. Code is not indented. */
export function indentBy(step: 1 | -1, filter: (attributes: BlockAttributes) => boolean = () => true): Command {
  return changeBlocks((attributes) => {
    const { indent = 0, ...rest } = attributes
    const next = Math.min(MAX_INDENT, Math.max(0, indent + step))
    if (kindOf(attributes) === 'code' || !filter(attributes)) return attributes
    return next === 0 ? rest : { ...rest, indent: next }
  })
}

/** Checks or unchecks the selected tasks. */
export const toggleTasks: Command = (state, dispatch) => {
  const tasks = selectedBlocks(state).filter(({ node }) => kindOf(attributesOfNode(node)) === 'task')
  if (tasks.length === 0) return false
  const areDone = tasks.every(({ node }) => attributesOfNode(node).list === 'checked')
  return changeBlocks((attributes) =>
    kindOf(attributes) === 'task' ? { ...attributes, list: areDone ? 'unchecked' : 'checked' } : attributes,
  )(state, dispatch)
}

/** Puts a divider below the selection, in the block itself when that is empty, and the caret in a block after it. */
export const insertDivider: Command = (state, dispatch) => {
  if (dispatch === undefined) return true
  const { $to } = state.selection
  const { parent } = $to
  const divider = schema.node('block', null, schema.node('embed', { value: { divider: true } }))
  const { tr } = state
  const start = parent.content.size === 0 ? $to.before() : $to.after()
  if (parent.content.size === 0) tr.delete($to.before(), $to.after())
  tr.insert(start, [divider, emptyBlock()])
  tr.setSelection(TextSelection.create(tr.doc, start + divider.nodeSize + 1))
  dispatch(ownStep(tr).scrollIntoView())
  return true
}

/** Whether a block holds a divider and nothing else. */
export function isDivider(node: Node): boolean {
  const value: unknown = node.childCount === 1 ? node.firstChild?.attrs['value'] : null
  return typeof value === 'object' && value !== null && 'divider' in value
}

/** Marks a transaction as an undo step of its own. */
export function ownStep(transaction: Transaction): Transaction {
  return transaction.setMeta(OWN_STEP, true)
}

function changeBlocks(change: (attributes: BlockAttributes) => BlockAttributes): Command {
  return (state, dispatch) => {
    const { tr } = state
    for (const { node, position } of selectedBlocks(state)) {
      setBlockAttributes(tr, position, change(attributesOfNode(node)))
    }
    if (!tr.docChanged) return false
    dispatch?.(ownStep(tr).scrollIntoView())
    return true
  }
}
