/**
 * Random Yjs documents of every content kind, written by several clients that sync now and then through one log.
 *
 * The log is what a server would hold: causal, without gaps, some of it sent twice.
 */
import * as Y from 'yjs'
import { contentOf as structsOf } from '../../server/compute/type-content.ts'

/** Numbers from 0 (included) to 1 (not included), the same for the same seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

export interface Session {
  /** Every update in the order in which the server took it. */
  readonly log: readonly Uint8Array[]
  /** The clients' documents, synced at the end. */
  readonly documents: readonly Y.Doc[]
}

/** A session of 2 to 4 clients making `edits` edits in all. */
export function randomSession(random: () => number, edits: number): Session {
  const log: Uint8Array[] = []
  const clients = Array.from({ length: 2 + below(random, 3) }, (_, index) => new Client(index, random))
  for (let edit = 0; edit < edits; edit++) {
    const client = pick(random, clients)
    client.edit()
    if (random() < 0.3) client.sync(log)
  }
  for (const client of [...clients, ...clients]) client.sync(log)
  return { log, documents: clients.map((client) => client.document) }
}

/** A whole number from 0 to `limit`, which is not included. */
export function below(random: () => number, limit: number): number {
  return Math.floor(random() * limit)
}

export function pick<T>(random: () => number, values: readonly T[]): T {
  const value = values[below(random, values.length)]
  if (value === undefined) throw new RangeError('Nothing to pick from.')
  return value
}

const REMOTE = 'remote'

class Client {
  readonly document: Y.Doc
  readonly #random: () => number
  readonly #unsent: Uint8Array[] = []
  #read = 0

  constructor(index: number, random: () => number) {
    this.#random = random
    this.document = new Y.Doc({ gc: random() < 0.5 })
    // Ids of every byte length, in no order.
    this.document.clientID = below(random, 2 ** pick(random, [7, 14, 21, 32])) * 4 + index
    this.document.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin !== REMOTE) this.#unsent.push(update)
    })
  }

  edit(): void {
    const random = this.#random
    if (random() < 0.2) this.document.transact(() => [1, 2, 3].forEach(() => editRandomly(this.document, random)))
    else editRandomly(this.document, random)
  }

  /** Sends what was typed, mostly as typed, sometimes as one state; then reads what others sent. */
  sync(log: Uint8Array[]): void {
    const kind = this.#random()
    if (kind < 0.1) log.push(Y.encodeStateAsUpdate(this.document))
    else if (kind < 0.3 && this.#unsent.length > 1) log.push(Y.mergeUpdates(this.#unsent))
    else log.push(...this.#unsent)
    this.#unsent.length = 0
    for (; this.#read < log.length; this.#read++) {
      Y.applyUpdate(this.document, log[this.#read] ?? new Uint8Array(), REMOTE)
    }
  }
}

const WORDS = ['a', 'word ', 'Grüße ', '😀', '日本語', '\n', 'שלום', '\u{1F469}\u200D\u{1F680}']
const VALUES = [
  1,
  -70000,
  1.5,
  12345678901,
  true,
  null,
  'text',
  '',
  { a: [1, { b: null }] },
  [],
  new Uint8Array([1, 2]),
]
const FORMATS = [{ bold: true }, { bold: null }, { link: 'https://example.org' }, { header: 2 }, { italic: true }]

/** One edit to any of the roots that `contentOf` reads. */
export function editRandomly(document: Y.Doc, random: () => number): void {
  pick(random, [editText, editText, editText, editMap, editArray, editXml])(document, random)
}

function editText(document: Y.Doc, random: () => number): void {
  const text = document.getText(pick(random, ['body', 'body', 'cell/1/äö']))
  const at = codePointIndex(text, below(random, text.length + 1))
  const length = Math.min(text.length - at, below(random, 6))
  const kind = random()
  if (kind < 0.55 || text.length === 0) text.insert(at, pick(random, WORDS))
  else if (kind < 0.8) text.delete(at, codePointLength(text, at, length))
  else if (kind < 0.92) text.format(at, codePointLength(text, at, length), pick(random, FORMATS))
  else text.insertEmbed(at, { image: 'a.png', size: below(random, 300) })
}

function editMap(document: Y.Doc, random: () => number): void {
  const map = document.getMap<unknown>('meta')
  const key = pick(random, ['title', 'schema', 'nested', 'list'])
  const kind = random()
  const value = map.get(key)
  if (value instanceof Y.Map && kind < 0.6) value.set(pick(random, ['x', 'y']), pick(random, VALUES))
  else if (value instanceof Y.Array && kind < 0.6) value.push([pick(random, VALUES)])
  else if (kind < 0.2) map.delete(key)
  else if (kind < 0.4) map.set(key, new Y.Map<unknown>([['x', pick(random, VALUES)]]))
  else if (kind < 0.5) map.set(key, Y.Array.from<string | number>([1, 'two']))
  else if (kind < 0.55) map.set(key, new Y.Doc({ guid: `sub-${below(random, 100)}` }))
  else map.set(key, pick(random, VALUES))
}

function editArray(document: Y.Doc, random: () => number): void {
  const array = document.getArray<unknown>('table/1/rows')
  const at = below(random, array.length + 1)
  const kind = random()
  if (kind < 0.3 && array.length > 0) array.delete(Math.min(at, array.length - 1), 1)
  else if (kind < 0.4) array.insert(at, [new Y.Text('in an array')])
  else if (kind < 0.5) array.insert(at, [new Y.Map<unknown>([['k', 1]]), 'after'])
  else array.insert(at, [pick(random, VALUES), pick(random, VALUES)])
}

function editXml(document: Y.Doc, random: () => number): void {
  const fragment = document.getXmlFragment('prosemirror')
  const at = below(random, fragment.length + 1)
  const child = fragment.length > 0 ? fragment.get(Math.min(at, fragment.length - 1)) : null
  const kind = random()
  if (child instanceof Y.XmlElement && kind < 0.3)
    child.setAttribute(pick(random, ['level', 'id']), pick(random, WORDS))
  else if (child instanceof Y.XmlElement && kind < 0.5) child.insert(0, [new Y.XmlText(pick(random, WORDS))])
  else if (child instanceof Y.XmlText && kind < 0.5) child.insert(0, pick(random, WORDS))
  else if (child !== null && kind < 0.65) fragment.delete(Math.min(at, fragment.length - 1), 1)
  else if (kind < 0.85) fragment.insert(at, [new Y.XmlElement(pick(random, ['paragraph', 'heading']))])
  else fragment.insert(at, [new Y.XmlText(pick(random, WORDS))])
}

/** `index` moved out of a surrogate pair: splitting one makes honest replicas differ, which is not tested here. */
function codePointIndex(text: Y.Text, index: number): number {
  return isInsidePair(text, index) ? index - 1 : index
}

function codePointLength(text: Y.Text, at: number, length: number): number {
  return isInsidePair(text, at + length) ? length + 1 : length
}

/** Embeds take one index and are not in the string, so indices are those of the delta. */
function isInsidePair(text: Y.Text, index: number): boolean {
  let at = 0
  for (const { insert } of text.toDelta() as readonly { insert: unknown }[]) {
    const length = typeof insert === 'string' ? insert.length : 1
    if (index < at + length && typeof insert === 'string') {
      const unit = insert.charCodeAt(index - at)
      return index > at && unit >= 0xdc00 && unit <= 0xdfff
    }
    at += length
  }
  return false
}

/** Everything a document shows, of the roots that `randomSession` writes. */
export function contentOf(document: Y.Doc): unknown {
  return {
    body: document.getText('body').toDelta(),
    cell: document.getText('cell/1/äö').toDelta(),
    meta: plain(document.getMap('meta').toJSON()),
    rows: document.getArray('table/1/rows').toJSON().map(nameOf),
    // Yjs' own throws on a null, which anybody may put into a fragment.
    xml: structsOf(document.getXmlFragment('prosemirror')),
  }
}

function plain(entries: Readonly<Record<string, unknown>>): unknown {
  return Object.fromEntries(Object.entries(entries).map(([key, value]) => [key, nameOf(value)]))
}

/** Subdocuments by name: two copies of one differ in everything else. */
function nameOf(value: unknown): unknown {
  return value instanceof Y.Doc ? `document ${value.guid}` : value
}

/** A document with `updates` applied one after the other. */
export function documentOf(updates: readonly Uint8Array[], options: { readonly gc?: boolean } = {}): Y.Doc {
  const document = new Y.Doc(options)
  for (const update of updates) Y.applyUpdate(document, update)
  return document
}

/** Whether something was applied before what it builds on. */
export function isWaiting(document: Y.Doc): boolean {
  return document.store.pendingStructs !== null || document.store.pendingDs !== null
}
