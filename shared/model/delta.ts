/**
 * Deltas: changes to a text as Quill and `Y.Text` write them, and how one change is moved over another.
 *
 * Knows nothing of blocks. Lengths are UTF-16 code units, an embed is one.
 */
import type { Embed } from './attributes.ts'

/** Attributes of an op; in a retain, null removes one. */
export type Attributes = Readonly<Record<string, unknown>>

export interface InsertOp {
  readonly insert: string | Embed
  readonly attributes?: Attributes
}

export interface RetainOp {
  readonly retain: number
  readonly attributes?: Attributes
}

export interface DeleteOp {
  readonly delete: number
}

export type DeltaOp = InsertOp | RetainOp | DeleteOp

/** A change from the start of a text on. What follows the last op is kept. */
export type Delta = readonly DeltaOp[]

/** Collects ops, joining neighbours of the same kind. */
export class DeltaBuilder {
  readonly #ops: DeltaOp[] = []

  retain(length: number, attributes?: Attributes): void {
    if (length <= 0) return
    const last = this.#ops.at(-1)
    if (last !== undefined && 'retain' in last && sameAttributes(last.attributes, attributes)) {
      this.#replaceLast(withAttributes({ retain: last.retain + length }, attributes))
      return
    }
    this.#ops.push(withAttributes({ retain: length }, attributes))
  }

  insert(content: string | Embed, attributes?: Attributes): void {
    if (content === '') return
    const last = this.#ops.at(-1)
    const joins = last !== undefined && 'insert' in last && sameAttributes(last.attributes, attributes)
    if (joins && typeof last.insert === 'string' && typeof content === 'string') {
      this.#replaceLast(withAttributes({ insert: last.insert + content }, attributes))
      return
    }
    this.#ops.push(withAttributes({ insert: content }, attributes))
  }

  delete(length: number): void {
    if (length <= 0) return
    const last = this.#ops.at(-1)
    if (last !== undefined && 'delete' in last) this.#replaceLast({ delete: last.delete + length })
    else this.#ops.push({ delete: length })
  }

  /** The change so far, without plain retains at its end. */
  build(): Delta {
    const last = this.#ops.at(-1)
    const endsInNothing = last !== undefined && 'retain' in last && last.attributes === undefined
    return endsInNothing ? this.#ops.slice(0, -1) : [...this.#ops]
  }

  #replaceLast(op: DeltaOp): void {
    this.#ops[this.#ops.length - 1] = op
  }
}

/** Length of the content an op brings, keeps or removes. */
export function opLength(op: DeltaOp): number {
  if ('retain' in op) return op.retain
  if ('delete' in op) return op.delete
  return typeof op.insert === 'string' ? op.insert.length : 1
}

/** How much of the text before the change its ops walk over. */
export function lengthBefore(delta: Delta): number {
  return delta.reduce((length, op) => ('insert' in op ? length : length + opLength(op)), 0)
}

/**
 * `change` as it has to be applied to a text that `earlier` was already applied to. Both start from the same text.
 * Where both insert at one place, `earlier`'s stands first; where both set an attribute, `change` wins.
 */
export function transform(change: Delta, earlier: Delta): Delta {
  const moved = new DeltaBuilder()
  const mine = new OpReader(change)
  const theirs = new OpReader(earlier)
  while (!mine.isAtEnd) {
    const other = theirs.peek()
    if (other !== null && 'insert' in other) {
      moved.retain(opLength(other))
      theirs.take(Infinity)
      continue
    }
    const own = mine.peek()
    if (own === null) break
    if ('insert' in own) {
      moved.insert(own.insert, own.attributes)
      mine.take(Infinity)
      continue
    }
    const length = Math.min(mine.left, theirs.left)
    const isGone = other !== null && 'delete' in other
    if (!isGone && 'delete' in own) moved.delete(length)
    if (!isGone && 'retain' in own) moved.retain(length, own.attributes)
    mine.take(length)
    theirs.take(length)
  }
  return moved.build()
}

/** Whether two sets of attributes, or two values, say the same. */
export function sameAttributes(left: unknown, right: unknown): boolean {
  return canonical(left) === canonical(right)
}

/** JSON with sorted keys: equal for equal values. */
export function canonical(value: unknown): string {
  if (value === undefined) return '{}'
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  )
}

function withAttributes<Op extends object>(
  op: Op,
  attributes: Attributes | undefined,
): Op & { attributes?: Attributes } {
  return attributes === undefined || Object.keys(attributes).length === 0 ? op : { ...op, attributes }
}

/** Reads a delta in pieces of any length; inserts are never cut. After its end it is one endless retain. */
class OpReader {
  readonly #ops: Delta
  #at = 0
  #used = 0

  constructor(ops: Delta) {
    this.#ops = ops
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#ops.length
  }

  /** What is left of the present op; Infinity after the end. */
  get left(): number {
    const op = this.peek()
    return op === null ? Infinity : opLength(op) - this.#used
  }

  peek(): DeltaOp | null {
    return this.#ops[this.#at] ?? null
  }

  take(length: number): void {
    if (this.isAtEnd) return
    if (length >= this.left) {
      this.#at += 1
      this.#used = 0
      return
    }
    this.#used += length
  }
}
