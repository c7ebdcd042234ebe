/** Between the blocks of the stored format and ProseMirror nodes, one to one. */
import { Fragment, Slice } from 'prosemirror-model'
import type { Mark, Node } from 'prosemirror-model'

import { MARK_NAMES, marks } from '../../../shared/model/attributes.ts'
import type { BlockAttributes, Embed, MarkName, Marks } from '../../../shared/model/attributes.ts'
import { normalRuns } from '../../../shared/model/blocks.ts'
import type { Block, Run } from '../../../shared/model/blocks.ts'
import { LINE_BREAK } from '../../../shared/model/names.ts'
import { attributesOfNode } from './block-dom.ts'
import { schema } from './schema.ts'

/** The document node for `blocks`, of which there is at least one. */
export function documentOf(blocks: readonly Block[]): Node {
  return schema.node('doc', null, blocks.map(blockNode))
}

/** A block as a node. */
function blockNode(block: Block): Node {
  return schema.node('block', { ...block.attributes }, inlineNodes(block.content))
}

/** An empty block. */
export function emptyBlock(attributes: BlockAttributes = {}): Node {
  return schema.node('block', { ...attributes })
}

/** Blocks as content for pasting: what is first and last joins the text around it. */
export function sliceOf(blocks: readonly Block[]): Slice {
  return blocks.length === 0 ? Slice.empty : new Slice(Fragment.fromArray(blocks.map(blockNode)), 1, 1)
}

/** A node as a block. */
export function blockOf(node: Node): Block {
  return { attributes: attributesOfNode(node), content: normalRuns(node.children.map(runOf)) }
}

/** Text and embeds as inline nodes. */
export function inlineNodes(content: readonly Run[]): Node[] {
  return content.flatMap(({ insert, marks: own }) => {
    const nodeMarks = markSet(own)
    if (typeof insert !== 'string') return [schema.node('embed', { value: insert }, undefined, nodeMarks)]
    return insert
      .split(LINE_BREAK)
      .flatMap((line, index) => [
        ...(index > 0 ? [schema.node('hardBreak', null, undefined, nodeMarks)] : []),
        ...(line === '' ? [] : [schema.text(line, nodeMarks)]),
      ])
  })
}

/** Marks of the stored format as ProseMirror's. */
function markSet(own: Marks): readonly Mark[] {
  return MARK_NAMES.flatMap((name) => {
    const value = own[name]
    return value === undefined ? [] : [markOf(name, value)]
  })
}

/** One mark; those without a value hold true. */
export function markOf(name: MarkName, value: string | true): Mark {
  return schema.mark(name, value === true ? null : { value })
}

/** ProseMirror's marks as those of the stored format. */
export function marksOf(set: readonly Mark[]): Marks {
  return marks(Object.fromEntries(set.map((mark) => [mark.type.name, mark.attrs['value'] ?? true])))
}

function runOf(node: Node): Run {
  const own = marksOf(node.marks)
  if (node.isText) return { insert: node.text ?? '', marks: own }
  if (node.type === schema.nodes.hardBreak) return { insert: LINE_BREAK, marks: own }
  const value: Embed = node.attrs['value']
  return { insert: value, marks: own }
}
