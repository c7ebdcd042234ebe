/** Makes a moment of a document readable. */
import * as Y from 'yjs'
import { unpackUpdates } from '../../shared/update/pack.ts'
import type { DocumentView } from '../ports/compute.ts'
import type { PackedUpdates } from '../ports/store.ts'
import { applyUpdates } from './throw-away-document.ts'
import { rootsOf, type Place, type TypeContent } from './type-content.ts'

type RootKind = DocumentView['roots'][number]['kind']

/** Stands for an embed in plain text, as in every text format that has a character for it. */
const OBJECT_REPLACEMENT = '\uFFFC'

/** Every root type after `log`, sorted by name: text and XML as a string, maps and arrays as JSON. */
export function view(log: PackedUpdates): DocumentView {
  const document = new Y.Doc({ gc: true })
  applyUpdates(document, unpackUpdates(log))
  const roots = [...rootsOf(document)].map(([name, content]) => {
    const kind = guessKind(content)
    return { name, kind, content: render(kind, content) }
  })
  return { roots }
}

/** A root's type is known to those who open it only; its content tells nearly always. */
function guessKind({ entries, sequence }: TypeContent): RootKind {
  if (Object.keys(entries).length > 0) return 'map'
  if (sequence.every((place) => 'text' in place || 'embed' in place)) return 'text'
  if (sequence.every((place) => 'type' in place && isXml(place.type))) return 'xml'
  return 'array'
}

function isXml({ kind }: TypeContent): boolean {
  return kind === 'element' || kind === 'xml-text' || kind === 'hook'
}

function render(kind: RootKind, content: TypeContent): unknown {
  switch (kind) {
    case 'text':
      return textOf(content)
    case 'xml':
      return content.sequence.map(xmlOf).join('')
    case 'map':
      return Object.fromEntries(Object.entries(content.entries).map(([key, place]) => [key, jsonOf(place)]))
    case 'array':
      return content.sequence.map(jsonOf)
  }
}

const KIND_OF_NESTED: Readonly<Record<TypeContent['kind'], RootKind>> = {
  root: 'array',
  array: 'array',
  map: 'map',
  hook: 'map',
  text: 'text',
  'xml-text': 'xml',
  element: 'xml',
  fragment: 'xml',
}

function jsonOf(place: Place): unknown {
  if ('text' in place) return place.text
  if ('embed' in place) return place.embed
  if ('value' in place) return place.value
  return isXml(place.type) ? xmlOf(place) : render(KIND_OF_NESTED[place.type.kind], place.type)
}

function textOf({ sequence }: TypeContent): string {
  return sequence.map((place) => ('text' in place ? place.text : OBJECT_REPLACEMENT)).join('')
}

function xmlOf(place: Place): string {
  if ('text' in place) return escapeXml(place.text)
  if (!('type' in place)) return ''
  const { kind, name, entries, sequence } = place.type
  const inner = sequence.map(xmlOf).join('')
  if (kind !== 'element') return inner
  const attributes = Object.entries(entries).map(([key, value]) => ` ${key}="${escapeXml(attributeOf(value))}"`)
  return `<${name}${attributes.join('')}>${inner}</${name}>`
}

function attributeOf(place: Place): string {
  const value = jsonOf(place)
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
