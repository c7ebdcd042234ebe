/** Somebody with a device who opens and closes pages on a document, types, and is told what is saved. */
import * as Y from 'yjs'
import { Coverage } from '../../shared/update/coverage.ts'
import { UpdateShape, walkUpdate } from '../../shared/update/walk.ts'
import { SyncClient } from '../../web/client/client.ts'
import { below, pick } from '../fuzz/update-documents.ts'
import { Life, type VirtualClock } from './clock.ts'
import { SimulatedDevice } from './device.ts'
import { type Dial, pageSocket } from './page-socket.ts'

/** What a person tells of. */
export interface Referee {
  /** Whether all that `update` holds was flushed to the server's disk. */
  keeps(document: string, update: Uint8Array): boolean
  /** The same, and what follows from it by itself. Slower. */
  implies(document: string, update: Uint8Array): boolean
  violated(what: string): void
}

export interface PersonOptions {
  readonly name: string
  readonly clock: VirtualClock
  readonly random: () => number
  readonly document: string
  readonly referee: Referee
  readonly dial: Dial
  /** Whether the device keeps copies. */
  readonly hasCopy: boolean
}

/** A change that was made here. */
interface Change {
  readonly bytes: Uint8Array
  /** On the server's disk, which keeps what it has; or gone with a page, and nobody was promised anything about it. */
  isSettled: boolean
}

interface Page {
  readonly life: Life
  readonly doc: Y.Doc
  readonly client: SyncClient
  readonly undo: Y.UndoManager
  /** Made on this page. */
  readonly changes: Change[]
}

/** What a page's own edits come from. */
const TYPING = 'typing'

export class Person {
  readonly name: string
  readonly #options: PersonOptions
  readonly #device: SimulatedDevice
  readonly #changes: Change[] = []
  #page: Page | null = null

  constructor(options: PersonOptions) {
    const { clock, random, name } = options
    this.name = name
    this.#options = options
    const loadMs = (): number => (random() < 0.05 ? 3_500 : random() * 40)
    this.#device = new SimulatedDevice({ clock, userId: name, loadMs, writeMs: () => random() * 4 })
  }

  /** Null while no page is open. */
  get doc(): Y.Doc | null {
    return this.#page?.doc ?? null
  }

  get document(): string {
    return this.#options.document
  }

  /** Everything is in step and saved, as far as the page says. */
  get isSettled(): boolean {
    const state = this.#page?.client.state
    return state !== undefined && state.synced && state.unsaved === 0
  }

  /** What the page says, for a message. */
  get stateText(): string {
    return JSON.stringify(this.#page?.client.state ?? 'no page')
  }

  /** How many changes were made, here and on earlier pages. */
  get changes(): number {
    return this.#changes.length
  }

  /** Changes that somebody still counts on, and that the server's disk does not have. */
  get lost(): number {
    return this.#missing(this.#changes, 0)
  }

  /** Opens a page, unless one is open. */
  open(): void {
    if (this.#page !== null) return
    const life = new Life()
    this.#options.clock.in(0, life, () => this.#begin(life))
  }

  /** Closes the page. */
  close(): void {
    const page = this.#page
    this.#page = null
    if (page === null) return
    this.#options.clock.in(0, page.life, () => {
      this.#end(page)
      page.life.end()
    })
  }

  /** The page crashes, and what it had not written down is gone. */
  crash(): void {
    const page = this.#page
    this.#page = null
    if (page === null) return
    page.life.end()
    this.#end(page)
  }

  /** Does something to the document, if the page lets them. */
  edit(): void {
    this.#act(({ client, doc, undo }) => {
      if (!client.state.writable) return
      const { random } = this.#options
      const kind = random()
      if (kind < 0.07) undo.undo()
      else if (kind < 0.1) undo.redo()
      else editOnce(doc, random)
    })
  }

  connect(): void {
    this.#act(({ client }) => client.connect())
  }

  disconnect(): void {
    this.#act(({ client }) => client.disconnect())
  }

  setOnline(isOnline: boolean): void {
    this.#device.setOnline(isOnline)
  }

  /** In the page's own time. */
  #act(action: (page: Page) => void): void {
    const page = this.#page
    if (page !== null) this.#options.clock.in(0, page.life, () => action(page))
  }

  #begin(life: Life): void {
    if (this.#page !== null) return
    const { clock, document, dial, hasCopy } = this.#options
    const client = new SyncClient(
      {
        server: 'http://server',
        document,
        offline: hasCopy,
        user: { name: this.name },
        WebSocketPolyfill: pageSocket(clock, life, dial),
      },
      this.#device.asSeenBy(life),
    )
    const { doc } = client
    const undo = new Y.UndoManager(doc.getText('body'), { trackedOrigins: new Set([TYPING]) })
    const page: Page = { life, doc, client, undo, changes: [] }
    this.#page = page
    doc.on('update', (bytes: Uint8Array, _origin: unknown, _doc: Y.Doc, { local }: Y.Transaction) => {
      if (!local) return
      const change = { bytes, isSettled: false }
      page.changes.push(change)
      this.#changes.push(change)
    })
    client.on('state', () => this.#hear(page))
  }

  /** The page says something: it must not say that more is saved than is. */
  #hear(page: Page): void {
    const { referee, document } = this.#options
    const { unsaved, ready, keptOnDevice } = page.client.state
    const missing = this.#missing(page.changes, unsaved)
    if (missing > unsaved) {
      referee.violated(`${this.name} is told that ${unsaved} changes are unsaved, and ${missing} are`)
    }
    if (unsaved > 0 || !ready) return
    // What earlier pages left on the device is a part of this one as soon as it was read.
    const isAllKept = (!keptOnDevice || this.lost === 0) && referee.implies(document, Y.encodeStateAsUpdate(page.doc))
    if (!isAllKept) referee.violated(`${this.name} is told that everything is saved, and it is not`)
  }

  /** How many of `changes` are missing on the disk; looked at closely only when they seem more than `expected`. */
  #missing(changes: readonly Change[], expected: number): number {
    const { referee, document } = this.#options
    for (const how of ['keeps', 'implies'] as const) {
      let missing = 0
      for (const change of changes) {
        change.isSettled ||= referee[how](document, change.bytes)
        if (!change.isSettled) missing++
      }
      if (missing <= expected) return missing
    }
    return changes.filter(({ isSettled }) => !isSettled).length
  }

  #end(page: Page): void {
    page.client.destroy()
    page.undo.destroy()
    this.#giveUp(page)
  }

  /** What a page takes along: all that is neither on the server nor on the device. */
  #giveUp({ changes }: Page): void {
    if (this.#missing(changes, 0) === 0) return
    const onDevice = Coverage.empty()
    const shape = new UpdateShape()
    const copy = new Y.Doc()
    for (const update of this.#device.updates) Y.applyUpdate(copy, update)
    walkUpdate(Y.encodeStateAsUpdate(copy), shape)
    onDevice.add(shape)
    for (const change of changes) {
      walkUpdate(change.bytes, shape)
      change.isSettled ||= onDevice.relation(shape) !== 'known'
    }
  }
}

const WORDS = ['a', 'b ', 'word ', 'a longer piece of text, ', '\n']
const FORMATS = [{ bold: true }, { bold: null }, { italic: true }, { header: 1 }]

/** Types, deletes, formats, or sets something beside the text. */
function editOnce(doc: Y.Doc, random: () => number): void {
  const text = doc.getText('body')
  const at = below(random, text.length + 1)
  const length = Math.min(text.length - at, 1 + below(random, 8))
  const kind = random()
  doc.transact(() => {
    if (kind < 0.6 || text.length === 0) text.insert(at, pick(random, WORDS))
    else if (kind < 0.62) text.insert(at, 'pasted '.repeat(20))
    else if (kind < 0.82) text.delete(at, length)
    else if (kind < 0.93) text.format(at, length, pick(random, FORMATS))
    else doc.getMap('meta').set(pick(random, ['title', 'color']), below(random, 100))
  }, TYPING)
}
