/**
 * A text as a list of blocks: read from the delta of a `Y.Text`, and written as one.
 *
 * `parse(serialize(blocks))` gives `blocks` again when they are in normal form, which `parse` always returns: runs are
 * not empty, neighbouring runs of text differ in marks, no text holds "\n".
 */
import { blockAttributes, marks } from './attributes.ts'
import type { BlockAttributes, Embed, Marks } from './attributes.ts'
import { DeltaBuilder, sameAttributes } from './delta.ts'
import type { Delta, DeltaOp } from './delta.ts'
import { BLOCK_END, LINE_BREAK } from './names.ts'

/** A stretch of text, or one embed, with the same marks all along. */
export interface Run {
  readonly insert: string | Embed
  readonly marks: Marks
}

export interface Block {
  readonly attributes: BlockAttributes
  readonly content: readonly Run[]
}

/** What a body says. */
export interface Body {
  /** At least one. */
  readonly blocks: readonly Block[]
  /** Whether the last "\n" is stored; when not, the last block is ended by the end of the text. */
  readonly isClosed: boolean
}

/** An op of `toDelta()`, whatever it holds. */
export type ReadOp = { readonly insert?: unknown; readonly attributes?: unknown } | DeltaOp

/** The blocks of a body, given `body.toDelta()`. Attributes and marks that are unknown or illegal are left out. */
export function parse(delta: readonly ReadOp[]): Body {
  const blocks: Block[] = []
  let content: Run[] = []
  for (const op of delta) {
    if (!('insert' in op)) continue
    const attributes = isRecord(op.attributes) ? op.attributes : undefined
    if (typeof op.insert !== 'string') {
      content.push({ insert: embedOf(op.insert), marks: marks(attributes) })
      continue
    }
    const [first = '', ...lines] = op.insert.split(BLOCK_END)
    addText(content, first, attributes)
    for (const line of lines) {
      blocks.push({ attributes: blockAttributes(attributes), content })
      content = []
      addText(content, line, attributes)
    }
  }
  const isClosed = content.length === 0 && blocks.length > 0
  if (!isClosed) blocks.push({ attributes: {}, content })
  return { blocks, isClosed }
}

/** The delta that writes `blocks` into an empty text, each with its "\n". */
export function serialize(blocks: readonly Block[]): Delta {
  const delta = new DeltaBuilder()
  for (const { attributes, content } of blocks) {
    for (const run of content) delta.insert(run.insert, { ...run.marks })
    delta.insert(BLOCK_END, { ...attributes })
  }
  return delta.build()
}

/** `runs` in normal form, with text that a block can hold: well-formed Unicode without "\n". */
export function normalRuns(runs: readonly Run[]): readonly Run[] {
  const normal: Run[] = []
  for (const run of runs) {
    if (typeof run.insert === 'string') addRun(normal, plainText(run.insert), run.marks)
    else normal.push(run)
  }
  return normal
}

/** `text` as a block can hold it. Half surrogate pairs cannot be stored: Yjs encodes text as UTF-8. */
function plainText(text: string): string {
  return text.toWellFormed().replaceAll(BLOCK_END, LINE_BREAK)
}

function addText(content: Run[], text: string, attributes: Readonly<Record<string, unknown>> | undefined): void {
  if (text !== '') addRun(content, text, marks(attributes))
}

function addRun(content: Run[], text: string, runMarks: Marks): void {
  const last = content.at(-1)
  if (text === '') return
  if (last !== undefined && typeof last.insert === 'string' && sameAttributes(last.marks, runMarks)) {
    content[content.length - 1] = { insert: last.insert + text, marks: runMarks }
    return
  }
  content.push({ insert: text, marks: runMarks })
}

/** A shared type nested in the text is an embed of a kind nobody here knows. */
function embedOf(value: unknown): Embed {
  return isRecord(value) && Object.getPrototypeOf(value) === Object.prototype ? value : { unknown: true }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
