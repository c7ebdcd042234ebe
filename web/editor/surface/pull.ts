/**
 * From Yjs to ProseMirror: a delta of the text as the fewest steps on the document.
 *
 * Steps, not a new document, so that the selection, decorations and the DOM being typed in survive. While it works the
 * document has one block per line of the text, the empty one after a final "\n" included; that one is put there at the
 * start and taken away at the end, and only when the change reaches the end of the text.
 */
import { Fragment, Slice } from 'prosemirror-model'
import type { Node } from 'prosemirror-model'
import { ReplaceStep } from 'prosemirror-transform'
import type { Transform } from 'prosemirror-transform'

import { BLOCK_ATTRIBUTE_NAMES, blockAttributes, MARK_NAMES, marks } from '../../../shared/model/attributes.ts'
import type { BlockAttributes } from '../../../shared/model/attributes.ts'
import { lengthBefore } from '../../../shared/model/delta.ts'
import type { Attributes, Delta, InsertOp } from '../../../shared/model/delta.ts'
import { BLOCK_END } from '../../../shared/model/names.ts'
import { attributesOfNode } from './block-dom.ts'
import { emptyBlock, inlineNodes, markOf } from './document.ts'
import { closedLength } from './positions.ts'
import { schema } from './schema.ts'

/** Adds the steps for `delta` to `transform`. Takes and gives whether the text ends in "\n". */
export function applyDelta(transform: Transform, delta: Delta, isClosed: boolean): boolean {
  const reachesEnd = lengthBefore(delta) >= closedLength(transform.doc)
  if (isClosed && !reachesEnd) {
    new Cursor(transform).apply(delta)
    return true
  }
  if (isClosed) replace(transform, transform.doc.content.size, transform.doc.content.size, [emptyBlock()])
  new Cursor(transform).apply(delta)
  const { lastChild, childCount, content } = transform.doc
  if (lastChild === null || lastChild.content.size > 0 || childCount === 1) return false
  replace(transform, content.size - lastChild.nodeSize, content.size, [])
  return true
}

/** Sets the attributes of the block at `position` that differ. */
export function setBlockAttributes(transform: Transform, position: number, wanted: BlockAttributes): void {
  const node = transform.doc.nodeAt(position)
  if (node === null) return
  for (const name of BLOCK_ATTRIBUTE_NAMES) {
    const value = wanted[name] ?? null
    if (node.attrs[name] !== value) transform.setNodeAttribute(position, name, value)
  }
}

/** Walks the document as a delta walks the text. */
class Cursor {
  readonly #transform: Transform
  /** The block the cursor is in, where it starts, and how far into its content the cursor is. */
  #block = 0
  #start = 0
  #offset = 0

  constructor(transform: Transform) {
    this.#transform = transform
  }

  apply(delta: Delta): void {
    let inserts: InsertOp[] = []
    for (const op of delta) {
      if ('insert' in op) {
        inserts.push(op)
        continue
      }
      this.#insert(inserts)
      inserts = []
      if ('retain' in op) this.#retain(op.retain, op.attributes)
      else this.#delete(op.delete)
    }
    this.#insert(inserts)
  }

  get #node(): Node {
    return this.#transform.doc.child(this.#block)
  }

  get #position(): number {
    return this.#start + 1 + this.#offset
  }

  #retain(length: number, attributes: Attributes | undefined): void {
    let left = length
    while (left > 0) {
      const inBlock = Math.min(left, this.#node.content.size - this.#offset)
      if (attributes !== undefined) this.#format(inBlock, attributes)
      this.#offset += inBlock
      left -= inBlock
      if (left === 0) return
      if (attributes !== undefined) this.#formatBlock(attributes)
      this.#enterNext()
      left -= 1
    }
  }

  #format(length: number, attributes: Attributes): void {
    if (length === 0) return
    const legal = marks(attributes)
    for (const name of MARK_NAMES) {
      if (!(name in attributes)) continue
      const value = legal[name]
      const from = this.#position
      if (value === undefined) this.#transform.removeMark(from, from + length, schema.marks[name])
      else this.#transform.addMark(from, from + length, markOf(name, value))
    }
  }

  #formatBlock(attributes: Attributes): void {
    const own: Record<string, unknown> = { ...attributesOfNode(this.#node) }
    setBlockAttributes(this.#transform, this.#start, blockAttributes({ ...own, ...attributes }))
  }

  #enterNext(): void {
    this.#start += this.#node.nodeSize
    this.#block += 1
    this.#offset = 0
  }

  /** One step for any number of inserts: their text joins the block, each "\n" cuts it. */
  #insert(inserts: readonly InsertOp[]): void {
    if (inserts.length === 0) return
    let line: Node[] = []
    const lines = [line]
    const ends: BlockAttributes[] = []
    for (const { insert, attributes } of inserts) {
      const own = marks(attributes)
      const [first, ...others] = typeof insert === 'string' ? insert.split(BLOCK_END) : [insert]
      if (first !== undefined && first !== '') line.push(...inlineNodes([{ insert: first, marks: own }]))
      for (const text of others) {
        ends.push(blockAttributes(attributes))
        line = typeof text === 'string' && text !== '' ? inlineNodes([{ insert: text, marks: own }]) : []
        lines.push(line)
      }
    }
    const [firstEnd, ...otherEnds] = ends
    if (firstEnd === undefined) {
      const content = Fragment.fromArray(line)
      this.#transform.step(new ReplaceStep(this.#position, this.#position, new Slice(content, 0, 0)))
      this.#offset += content.size
      return
    }
    if (this.#offset === 0 && line.length === 0) {
      this.#insertBefore(lines, ends)
      return
    }
    // The cut-off rest keeps the old block's attributes; what stands before the cut gets those of the first "\n".
    const attributes = [firstEnd, ...otherEnds, attributesOfNode(this.#node)]
    const blocks = lines.map((content, index) => schema.node('block', { ...attributes[index] }, content))
    const last = blocks.at(-1)
    const slice = new Slice(Fragment.fromArray(blocks), 1, 1)
    this.#transform.step(new ReplaceStep(this.#position, this.#position, slice))
    setBlockAttributes(this.#transform, this.#start, firstEnd)
    for (let passed = 1; passed < blocks.length; passed++) this.#enterNext()
    this.#offset = last?.content.size ?? 0
  }

  /** Whole blocks put before the present one do not touch it, so nobody in it notices. */
  #insertBefore(lines: readonly (readonly Node[])[], ends: readonly BlockAttributes[]): void {
    const blocks = ends.map((attributes, index) => schema.node('block', { ...attributes }, lines[index]))
    replace(this.#transform, this.#start, this.#start, blocks)
    for (let passed = 0; passed < blocks.length; passed++) this.#enterNext()
  }

  /** Where blocks are joined, what comes of it has the attributes of the last one: it is that one's "\n" that stays. */
  #delete(length: number): void {
    let left = length
    let end = this.#position
    let block = this.#block
    let offset = this.#offset
    while (left > this.#transform.doc.child(block).content.size - offset) {
      const rest = this.#transform.doc.child(block).content.size - offset
      left -= rest + 1
      end += rest + 2
      block += 1
      offset = 0
    }
    const survivor = this.#transform.doc.child(block)
    if (block > this.#block && this.#offset === 0) {
      // Whole blocks go; the one that stays is not touched.
      replace(this.#transform, this.#start, end - 1, [])
      end = this.#position
    }
    end += left
    if (end > this.#position) replace(this.#transform, this.#position, end, [])
    if (block > this.#block && this.#offset > 0) {
      setBlockAttributes(this.#transform, this.#start, attributesOfNode(survivor))
    }
  }
}

function replace(transform: Transform, from: number, to: number, nodes: readonly Node[]): void {
  transform.step(new ReplaceStep(from, to, new Slice(Fragment.fromArray([...nodes]), 0, 0)))
}
