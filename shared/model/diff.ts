/**
 * The smallest change that makes one list of blocks into another.
 *
 * Characters that stay keep their identity, so what somebody else is writing beside them, and the carets and comments
 * anchored to them, stay too. That matters most for block ends: changing a block's kind formats its "\n", never
 * replaces it, and an edit never removes a "\n" that is the last of the text.
 */
import fastDiff from 'fast-diff'

import type { Block, Body } from './blocks.ts'
import { canonical, DeltaBuilder } from './delta.ts'
import type { Attributes, Delta } from './delta.ts'
import { BLOCK_END } from './names.ts'

/** Code units; above this, texts are compared block by block first, since fast-diff's cost is quadratic. */
const MAX_DIFF_LENGTH = 6_000

/** Blocks; above this the differing part is replaced as a whole. */
const MAX_DIFF_BLOCKS = 6_000

const EMBED = '\ufffc'

export interface DiffOptions {
  /** The change does not start before this index where several places would do: where the caret was. */
  readonly from?: number
  /** Whether the blocks are the last of the text, so that their last "\n" has to stay. Default: true. */
  readonly isEndOfText?: boolean
}

/**
 * The change from `before` to `after`. Where `after.isClosed` is false its last block must be one that the end of the
 * text can end: not empty and without attributes, or the only one.
 */
export function diff(before: Body, after: Body, options: DiffOptions = {}): Delta {
  const old = flatten(before)
  const now = flatten(after)
  const from = options.from ?? Infinity
  const start = commonStart(old, now, from)
  const isAppended = start === old.text.length
  const keepsEnd = (options.isEndOfText ?? true) && before.isClosed && after.isClosed
  if (isAppended || !keepsEnd) return compare(old, now, start, 0)
  return compare(old, now, Math.min(start, old.text.length - 1, now.text.length - 1), 1)
}

/** A text as parallel arrays, one entry for each code unit or embed. */
interface Flat {
  readonly text: string
  readonly attributes: readonly Attributes[]
  /** Says everything about a unit but its text; equal keys and equal text mean equal units. */
  readonly keys: readonly string[]
  readonly embeds: ReadonlyMap<number, Block['content'][number]['insert']>
}

function flatten({ blocks, isClosed }: Body): Flat {
  const parts: string[] = []
  const attributes: Attributes[] = []
  const keys: string[] = []
  const embeds = new Map<number, Block['content'][number]['insert']>()
  const add = (text: string, own: Attributes, key: string): void => {
    parts.push(text)
    for (let unit = 0; unit < text.length; unit++) {
      attributes.push(own)
      keys.push(key)
    }
  }
  for (const [index, block] of blocks.entries()) {
    for (const run of block.content) {
      const own = { ...run.marks }
      if (typeof run.insert === 'string') {
        add(run.insert, own, canonical(own))
        continue
      }
      embeds.set(keys.length, run.insert)
      add(EMBED, own, `${canonical(run.insert)} ${canonical(own)}`)
    }
    const own = { ...block.attributes }
    if (isClosed || index < blocks.length - 1) add(BLOCK_END, own, canonical(own))
  }
  return { text: parts.join(''), attributes, keys, embeds }
}

/** Compares what is between the first `start` units and the last `end` units, which are kept. */
function compare(old: Flat, now: Flat, start: number, end: number): Delta {
  const delta = new DeltaBuilder()
  const tail = end + commonEnd(old, now, start, end)
  let oldAt = start
  let nowAt = start
  delta.retain(start)
  const changes = textChanges(
    old.text.slice(start, old.text.length - tail),
    now.text.slice(start, now.text.length - tail),
  )
  for (const [kind, text] of changes) {
    if (kind === fastDiff.DELETE) delta.delete(text.length)
    if (kind === fastDiff.INSERT) insertUnits(delta, now, nowAt, text.length)
    if (kind === fastDiff.EQUAL) keepUnits(delta, { old, oldAt, now, nowAt, length: text.length })
    if (kind !== fastDiff.INSERT) oldAt += text.length
    if (kind !== fastDiff.DELETE) nowAt += text.length
  }
  keepUnits(delta, { old, oldAt, now, nowAt, length: old.text.length - oldAt })
  return delta.build()
}

function insertUnits(delta: DeltaBuilder, now: Flat, start: number, length: number): void {
  const end = start + length
  for (let at = start; at < end;) {
    const embed = now.embeds.get(at)
    let next = at + 1
    while (embed === undefined && next < end && now.keys[next] === now.keys[at] && !now.embeds.has(next)) next += 1
    delta.insert(embed ?? now.text.slice(at, next), now.attributes[at])
    at = next
  }
}

interface Kept {
  readonly old: Flat
  readonly oldAt: number
  readonly now: Flat
  readonly nowAt: number
  readonly length: number
}

/** Keeps units of equal text, changing attributes where they differ; two different embeds are no equal text. */
function keepUnits(delta: DeltaBuilder, { old, oldAt, now, nowAt, length }: Kept): void {
  let same = 0
  for (let unit = 0; unit < length; unit++) {
    if (old.keys[oldAt + unit] === now.keys[nowAt + unit]) {
      same += 1
      continue
    }
    delta.retain(same)
    same = 0
    if (canonical(old.embeds.get(oldAt + unit)) === canonical(now.embeds.get(nowAt + unit))) {
      delta.retain(1, changedAttributes(old.attributes[oldAt + unit], now.attributes[nowAt + unit]))
    } else {
      delta.delete(1)
      insertUnits(delta, now, nowAt + unit, 1)
    }
  }
  delta.retain(same)
}

/** What has to be set, and set to null, to get from one set of attributes to the other. */
function changedAttributes(old: Attributes = {}, now: Attributes = {}): Attributes {
  const changed: Record<string, unknown> = {}
  for (const name of Object.keys(old)) if (!(name in now)) changed[name] = null
  for (const name of Object.keys(now)) {
    if (canonical(old[name]) !== canonical(now[name])) changed[name] = now[name]
  }
  return changed
}

function commonStart(old: Flat, now: Flat, from: number): number {
  const most = Math.min(old.text.length, now.text.length)
  let length = 0
  while (length < Math.min(most, from) && isSameUnit(old, length, now, length)) length += 1
  // A new block belongs after the end of the one the caret stood in, not before it: what somebody else writes at
  // that end then stays in its block.
  const isBlockEnd = old.text[length] === BLOCK_END
  if (length === from && length < most && isBlockEnd && isSameUnit(old, length, now, length)) length += 1
  return splitsPair(old.text, length) || splitsPair(now.text, length) ? length - 1 : length
}

function commonEnd(old: Flat, now: Flat, start: number, end: number): number {
  const most = Math.min(old.text.length, now.text.length) - start - end
  const oldEnd = old.text.length - end
  const nowEnd = now.text.length - end
  let length = 0
  while (length < most && isSameUnit(old, oldEnd - length - 1, now, nowEnd - length - 1)) length += 1
  return splitsPair(old.text, oldEnd - length) || splitsPair(now.text, nowEnd - length)
    ? Math.max(0, length - 1)
    : length
}

function isSameUnit(old: Flat, oldAt: number, now: Flat, nowAt: number): boolean {
  return old.text[oldAt] === now.text[nowAt] && old.keys[oldAt] === now.keys[nowAt]
}

/** Whether `index` is between the halves of a surrogate pair. Yjs cannot cut a pair. */
function splitsPair(text: string, index: number): boolean {
  const before = text.charCodeAt(index - 1)
  const after = text.charCodeAt(index)
  return before >= 0xd800 && before <= 0xdbff && after >= 0xdc00 && after <= 0xdfff
}

function textChanges(old: string, now: string): readonly fastDiff.Diff[] {
  if (old === '' || now === '' || old.length + now.length <= MAX_DIFF_LENGTH) return fastDiff(old, now)
  const codes = new Map<string, string>()
  const oldBlocks = old.split(/(?<=\n)/u)
  const nowBlocks = now.split(/(?<=\n)/u)
  const replaced: readonly fastDiff.Diff[] = [
    [fastDiff.DELETE, old],
    [fastDiff.INSERT, now],
  ]
  if (oldBlocks.length + nowBlocks.length > MAX_DIFF_BLOCKS) return replaced
  const encode = (blocks: readonly string[]): string => blocks.map((block) => codeOf(codes, block)).join('')
  const hunks = fastDiff(encode(oldBlocks), encode(nowBlocks))
  return decode(hunks, oldBlocks, nowBlocks)
}

/** A character that stands for `block`. There are at most 6,000, so the surrogates are never reached. */
function codeOf(codes: Map<string, string>, block: string): string {
  const known = codes.get(block)
  if (known !== undefined) return known
  const code = String.fromCharCode(codes.size + 1)
  codes.set(block, code)
  return code
}

/** Changes of blocks as changes of text; a run of replaced blocks that is short enough is compared by characters. */
function decode(
  hunks: readonly fastDiff.Diff[],
  oldBlocks: readonly string[],
  nowBlocks: readonly string[],
): readonly fastDiff.Diff[] {
  const changes: fastDiff.Diff[] = []
  let oldAt = 0
  let nowAt = 0
  let deleted = ''
  let inserted = ''
  const flush = (): void => {
    if (deleted.length + inserted.length <= MAX_DIFF_LENGTH) changes.push(...fastDiff(deleted, inserted))
    else changes.push([fastDiff.DELETE, deleted], [fastDiff.INSERT, inserted])
    deleted = ''
    inserted = ''
  }
  for (const [kind, codes] of hunks) {
    const count = codes.length
    if (kind === fastDiff.DELETE) deleted += oldBlocks.slice(oldAt, oldAt + count).join('')
    if (kind === fastDiff.INSERT) inserted += nowBlocks.slice(nowAt, nowAt + count).join('')
    if (kind === fastDiff.EQUAL) {
      flush()
      changes.push([fastDiff.EQUAL, oldBlocks.slice(oldAt, oldAt + count).join('')])
    }
    if (kind !== fastDiff.INSERT) oldAt += count
    if (kind !== fastDiff.DELETE) nowAt += count
  }
  flush()
  return changes
}
