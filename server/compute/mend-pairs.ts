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
  document.transact(() => {
    for (const name of names) {
      const root = document.share.get(name)
      const content = past.get(name)
      // Only text can hold halves, so a root with some is a text.
      if (root !== undefined && content !== undefined) mendType(root, content, () => document.getText(name))
    }
  })
}

function mendType(type: Structs, past: TypeContent, open: () => Y.Text | null): void {
  const pairs = brokenPairs(contentOf(type).sequence, past.sequence)
  const text = pairs.length > 0 ? open() : null
  for (const { index, pair } of pairs) {
    if (text === null) return
    // Between the halves it takes on their format.
    text.insert(index + 1, pair)
    deleteUnit(text, index + 1 + pair.length)
    deleteUnit(text, index)
  }
  const types = nestedTypes(type)
  const contents = [...past.sequence, ...Object.values(past.entries)].filter((place) => 'type' in place)
  if (types.length !== contents.length) return
  for (const [index, nested] of types.entries()) {
    const content = contents[index]?.type
    if (content !== undefined) mendType(nested, content, () => (nested instanceof Y.Text ? nested : null))
  }
}

/** `Y.Text.delete` tidies the format markers around as well, and may so change what is beside. */
function deleteUnit(text: Y.Text, index: number): void {
  // oxlint-disable-next-line typescript/unbound-method -- it is bound to the text on the spot
  Reflect.apply(Y.Array.prototype.delete, text, [index, 1])
}

interface BrokenPair {
  readonly index: number
  readonly pair: string
}

function brokenPairs(present: readonly Place[], past: readonly Place[]): readonly BrokenPair[] {
  const units = unitsOf(present)
  if (!units.includes(HALVES) || units.length !== unitsOf(past).length) return []
  const pairs: BrokenPair[] = []
  let index = 0
  for (const place of past) {
    for (const character of 'text' in place ? place.text : OTHER) {
      if (character.length === 2 && units.startsWith(HALVES, index)) {
        pairs.push({ index, pair: character })
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
