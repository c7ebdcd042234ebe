/** From ProseMirror to Yjs: what changed between two documents, as the smallest delta of the text. */
import type { Node } from 'prosemirror-model'
import type * as Y from 'yjs'

import { knownEmbed } from '../../../shared/model/attributes.ts'
import type { Marks } from '../../../shared/model/attributes.ts'
import type { Block } from '../../../shared/model/blocks.ts'
import { sameAttributes } from '../../../shared/model/delta.ts'
import type { Delta, DeltaOp } from '../../../shared/model/delta.ts'
import { diff } from '../../../shared/model/diff.ts'
import { BLOCK_END } from '../../../shared/model/names.ts'
import { attributesOfNode } from './block-dom.ts'
import { blockOf, marksOf } from './document.ts'

export interface Change {
  readonly delta: Delta
  /** Whether the text ends in "\n" once the delta is applied. */
  readonly isClosed: boolean
}

/**
 * The change from `before` to `after`; only blocks that differ are looked at. `isClosed` says whether the text that
 * reads as `before` ends in "\n"; `from` is the index the change does not start before where there is a choice.
 */
export function changeBetween(before: Node, after: Node, isClosed: boolean, from = Infinity): Change {
  if (before.eq(after)) return { delta: [], isClosed }
  const shared = Math.min(before.childCount, after.childCount)
  let head = 0
  while (head < shared && before.child(head).eq(after.child(head))) head += 1
  let tail = 0
  const same = (count: number): boolean =>
    before.child(before.childCount - 1 - count).eq(after.child(after.childCount - 1 - count))
  while (tail < shared - head && same(tail)) tail += 1
  // Where whole blocks come or go, one more is compared: its "\n" may be the one that has to stay the last.
  const reachesEnd = tail === 0
  if (reachesEnd && head === shared && head > 0) head -= 1

  const wasOpen = !isClosed
  const staysOpen = wasOpen && !isEmpty(before) && canStayOpen(after)
  const start = lengthOfBlocks(before, head)
  const delta = diff(
    { blocks: blocksBetween(before, head, tail), isClosed: isClosed || !reachesEnd },
    { blocks: blocksBetween(after, head, tail), isClosed: !staysOpen || !reachesEnd },
    { from: Math.max(0, from - start), isEndOfText: reachesEnd },
  )
  return { delta: movedBy(start, delta), isClosed: isClosed || (reachesEnd && !staysOpen) }
}

/** Writes a change the editor made. Embeds of unknown kind are never written. */
export function write(body: Y.Text, { delta }: Change, before: Node): void {
  const legal = delta.filter(
    (op) => !('insert' in op) || typeof op.insert === 'string' || knownEmbed(op.insert) !== null,
  )
  if (!writeTyping(body, legal, before)) body.applyDelta(legal.map(copy))
}

/**
 * Typing and deleting within a block, without the walk from the start of the text that `applyDelta` makes. Text typed
 * after a character with the same marks inherits them, and with them whatever else that character carries.
 */
function writeTyping(body: Y.Text, delta: Delta, before: Node): boolean {
  const [first, second] = delta
  if (first === undefined || second === undefined || delta.length !== 2) return false
  if (!('retain' in first) || first.attributes !== undefined) return false
  const index = first.retain
  if ('delete' in second) {
    body.delete(index, second.delete)
    return true
  }
  if (!('insert' in second) || typeof second.insert !== 'string' || second.insert.includes(BLOCK_END)) return false
  const left = marksBefore(before, index)
  if (left === null || !sameAttributes(left, second.attributes ?? {})) return false
  body.insert(index, second.insert)
  return true
}

/** The marks of the text that ends at `index`, or null when there is none in that block. */
function marksBefore(doc: Node, index: number): Marks | null {
  let start = 0
  for (const block of doc.children) {
    const offset = index - start
    if (offset <= block.content.size) {
      const { node } = block.childBefore(offset)
      return node?.isText === true ? marksOf(node.marks) : null
    }
    start += block.content.size + 1
  }
  return null
}

/** A change of what starts at `start` as a change of the whole text. */
function movedBy(start: number, delta: Delta): Delta {
  const [first, ...others] = delta
  if (start === 0 || first === undefined) return delta
  if ('retain' in first && first.attributes === undefined) return [{ retain: start + first.retain }, ...others]
  return [{ retain: start }, ...delta]
}

function blocksBetween(doc: Node, head: number, tail: number): readonly Block[] {
  return doc.children.slice(head, doc.childCount - tail).map(blockOf)
}

function lengthOfBlocks(doc: Node, count: number): number {
  let length = 0
  for (let index = 0; index < count; index++) length += doc.child(index).content.size + 1
  return length
}

function isEmpty(doc: Node): boolean {
  return doc.childCount === 1 && doc.child(0).content.size === 0
}

/** Whether the end of the text can end the last block: it is a plain paragraph with something in it. */
function canStayOpen(doc: Node): boolean {
  const last = doc.lastChild
  return last !== null && last.content.size > 0 && Object.keys(attributesOfNode(last)).length === 0
}

/** `Y.Text` writes into the attributes it is given. */
function copy(op: DeltaOp): DeltaOp {
  return 'attributes' in op && op.attributes !== undefined ? { ...op, attributes: { ...op.attributes } } : { ...op }
}
