/**
 * A shared type's content as plain, JSON-safe data, read from its structs.
 *
 * Roots of a document that nobody opened have no type yet, so all are read alike: entries by key, and a sequence.
 * What comes out depends on what people see only, not on how it was edited; equal content gives equal data.
 */
import * as Y from 'yjs'

/** One place of a sequence. Text with equal attributes is one place. */
export type Place =
  | { readonly text: string; readonly attributes?: Attributes }
  | { readonly embed: unknown; readonly attributes?: Attributes }
  | { readonly value: unknown }
  | { readonly type: TypeContent }

type Attributes = Readonly<Record<string, unknown>>

export interface TypeContent {
  /** `root` where the type is not known. */
  readonly kind: 'root' | 'array' | 'map' | 'text' | 'element' | 'fragment' | 'hook' | 'xml-text'
  /** Of elements and hooks; else empty. */
  readonly name: string
  /** Map entries or element attributes, sorted by key. */
  readonly entries: Readonly<Record<string, Place>>
  readonly sequence: readonly Place[]
}

/** Every root type of `document` by name. */
export function rootsOf(document: Y.Doc): ReadonlyMap<string, TypeContent> {
  return new Map([...document.share].sort(byKey).map(([name, type]) => [name, contentOf(type)]))
}

/** Whether the type shows nothing, as one that was never used. */
export function isEmpty({ entries, sequence }: TypeContent): boolean {
  return sequence.length === 0 && Object.keys(entries).length === 0
}

/** What this file needs of Yjs' innards: no public call reads a type without defining it. */
export interface Structs {
  readonly _map: ReadonlyMap<string, Y.Item>
  readonly _start: Y.Item | null
}

/** What `type` shows. */
export function contentOf(type: Structs): TypeContent {
  return { ...kindOf(type), entries: entriesOf(type), sequence: sequenceOf(type) }
}

function kindOf(type: Structs): Pick<TypeContent, 'kind' | 'name'> {
  // Subclasses first: an XML text is a text, an element a fragment, a hook a map.
  if (type instanceof Y.XmlHook) return { kind: 'hook', name: type.hookName }
  if (type instanceof Y.XmlElement) return { kind: 'element', name: type.nodeName }
  if (type instanceof Y.XmlFragment) return { kind: 'fragment', name: '' }
  if (type instanceof Y.XmlText) return { kind: 'xml-text', name: '' }
  if (type instanceof Y.Text) return { kind: 'text', name: '' }
  if (type instanceof Y.Map) return { kind: 'map', name: '' }
  if (type instanceof Y.Array) return { kind: 'array', name: '' }
  return { kind: 'root', name: '' }
}

function entriesOf(type: Structs): Readonly<Record<string, Place>> {
  const entries: [string, Place][] = []
  for (const [key, item] of type._map) {
    const place = item.deleted ? undefined : placesOf(item.content, {}).at(-1)
    if (place !== undefined) entries.push([key, place])
  }
  return Object.fromEntries(entries.sort(byKey))
}

function sequenceOf(type: Structs): readonly Place[] {
  const sequence: Place[] = []
  const attributes = new Map<string, unknown>()
  for (let item = type._start; item !== null; item = item.right) {
    if (item.deleted) continue
    if (item.content instanceof Y.ContentFormat) setAttribute(attributes, item.content)
    else
      for (const place of placesOf(item.content, Object.fromEntries([...attributes].sort(byKey))))
        append(sequence, place)
  }
  return sequence
}

function setAttribute(attributes: Map<string, unknown>, { key, value }: Y.ContentFormat): void {
  const plainValue = plain(value)
  if (plainValue === null) attributes.delete(key)
  else attributes.set(key, plainValue)
}

function placesOf(content: Y.Item['content'], attributes: Attributes): readonly Place[] {
  const formatted = Object.keys(attributes).length > 0 ? { attributes } : {}
  if (content instanceof Y.ContentString) return [{ text: content.str, ...formatted }]
  if (content instanceof Y.ContentEmbed) return [{ embed: plain(content.embed), ...formatted }]
  if (content instanceof Y.ContentType) return [{ type: contentOf(content.type) }]
  return content.getContent().map((value: unknown) => ({ value: plain(value) }))
}

function append(sequence: Place[], place: Place): void {
  const last = sequence.at(-1)
  if (last !== undefined && 'text' in last && 'text' in place && equal(last.attributes, place.attributes)) {
    sequence[sequence.length - 1] = { ...last, text: last.text + place.text }
  } else sequence.push(place)
}

/** Whether two pieces of this file's data say the same. */
export function equal(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}

/** `value` with what JSON cannot say put into words, so that different values stay different. */
function plain(value: unknown): unknown {
  if (value === undefined) return { undefined: true }
  if (typeof value === 'bigint') return { bigint: String(value) }
  if (typeof value === 'number' && !Number.isFinite(value)) return { number: String(value) }
  if (value instanceof Uint8Array) return { bytes: [...value] }
  if (value instanceof Y.Doc) return { document: value.guid }
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]))
  }
  return value
}

function byKey([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number {
  if (one === other) return 0
  return one < other ? -1 : 1
}
