/**
 * Puts back characters that an edit has cut in half.
 *
 * Yjs counts UTF-16 units and lets a client cut between the two of an emoji; both halves then turn into U+FFFD, for
 * good, and undoing brings back just these. The length stays the same, so the place is known.
 */
import * as Y from 'yjs'
import { contentOf, type Place, type Structs, type TypeContent } from './type-content.ts'

/** What is left of a character of two units that was cut. */
const HALVES = '\uFFFD\uFFFD'

/** Stands for whatever takes one index and is no text. */
const OTHER = '\uFFFC'

/** Replaces halves in the roots `names` by the characters that `past` has in their place. */
export function mendPairs(document: Y.Doc, past: ReadonlyMap<string, TypeContent>, names: readonly string[]): void {
  document.transact((transaction) => {
    for (const name of names) {
      const root = document.share.get(name)
      const content = past.get(name)
      // Only text can hold halves, so a root with some is a text.
      if (root !== undefined && content !== undefined)
        mendType(transaction, root, content, () => document.getText(name))
    }
  })
}

/** `open` gives what `type` is as a text; null when it is none. */
function mendType(transaction: Y.Transaction, type: Structs, past: TypeContent, open: () => Y.Text | null): void {
  const pairs = brokenPairs(contentOf(type).sequence, past.sequence)
  const text = pairs.length > 0 ? open() : null
  for (const { index, pair, attributes } of pairs) {
    if (text === null) return
    const halves = [unitAt(text, index), unitAt(text, index + 1)]
    text.insert(index + 1, pair, { ...attributes })
    for (const half of halves) deleteUnit(transaction, half)
  }
  const types = nestedTypes(type)
  const contents = [...past.sequence, ...Object.values(past.entries)].filter((place) => 'type' in place)
  if (types.length !== contents.length) return
  for (const [index, nested] of types.entries()) {
    const content = contents[index]?.type
    if (content === undefined) continue
    mendType(transaction, nested, content, () => (nested instanceof Y.Text ? nested : null))
  }
}

/** Which unit stands at `index` of a sequence; null behind its end. */
function unitAt(type: Structs, index: number): Y.ID | null {
  let left = index
  for (let item = type._start; item !== null; item = item.right) {
    if (item.deleted || !item.countable) continue
    if (left < item.length) return Y.createID(item.id.client, item.id.clock + left)
    left -= item.length
  }
  return null
}

/**
 * `Y.Text.delete` tidies the format markers around as well, and may so change what is beside; `Y.Array`'s takes a marker
 * that stands before the unit in its place.
 */
function deleteUnit(transaction: Y.Transaction, unit: Y.ID | null): void {
  if (unit === null) return
  const item = Y.getItemCleanStart(transaction, unit)
  if (item.length > 1) Y.getItemCleanStart(transaction, Y.createID(unit.client, unit.clock + 1))
  item.delete(transaction)
}

interface BrokenPair {
  readonly index: number
  readonly pair: string
  readonly attributes: Readonly<Record<string, unknown>>
}

function brokenPairs(present: readonly Place[], past: readonly Place[]): readonly BrokenPair[] {
  const units = unitsOf(present)
  if (!units.includes(HALVES) || units.length !== unitsOf(past).length) return []
  const pairs: BrokenPair[] = []
  let index = 0
  for (const place of past) {
    for (const character of 'text' in place ? place.text : OTHER) {
      if (character.length === 2 && units.startsWith(HALVES, index)) {
        pairs.push({ index, pair: character, attributes: ('text' in place && place.attributes) || {} })
      }
      index += character.length
    }
  }
  return pairs
}

function unitsOf(sequence: readonly Place[]): string {
  return sequence.map((place) => ('text' in place ? place.text : OTHER)).join('')
}

/** In the order in which `TypeContent` lists them. */
function nestedTypes(type: Structs): readonly Structs[] {
  const types: Structs[] = []
  const take = (item: Y.Item) => {
    if (!item.deleted && item.content instanceof Y.ContentType) types.push(item.content.type)
  }
  for (let item = type._start; item !== null; item = item.right) take(item)
  for (const key of [...type._map.keys()].sort()) {
    const item = type._map.get(key)
    if (item !== undefined) take(item)
  }
  return types
}
