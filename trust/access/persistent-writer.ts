/** Somebody who goes on writing whatever the server says: over a socket, opened again when it closes, and by request. */
import * as Y from 'yjs'
import type { Wire } from '../hostile/wires.ts'
import { Member } from './member.ts'
import { ask } from './token-server.ts'

const PAUSE_MS = 40
/** One write in so many is a request. */
const BY_REQUEST = 5

export class PersistentWriter {
  readonly document: string
  readonly #url: string
  readonly #wire: Wire
  readonly #token: string
  #member: Member | null = null
  #timer: NodeJS.Timeout | null = null
  #ticks = 0
  /** Settles when nothing that was begun is under way any more. */
  #underWay: Promise<unknown> = Promise.resolve()

  constructor(url: string, wire: Wire, { document, token }: { readonly document: string; readonly token: string }) {
    this.document = document
    this.#url = url
    this.#wire = wire
    this.#token = token
  }

  /** Begins to write what time it is; resolves when it is in the document for the first time. */
  async start(): Promise<void> {
    await this.#join()
    this.#timer = setInterval(() => this.#write(), PAUSE_MS)
  }

  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer)
    await this.#underWay
    this.#member?.close()
  }

  #write(): void {
    if (++this.#ticks % BY_REQUEST === 0) this.#begin(this.#post())
    else if (this.#member === null) return
    else if (this.#member.isOpen) this.#member.write('update', stamp())
    else this.#begin(this.#join())
  }

  async #join(): Promise<void> {
    this.#member = null
    this.#member = await Member.join(this.#url, this.#wire, { document: this.document, token: this.#token })
  }

  /** What becomes of it is seen in the document. */
  async #post(): Promise<void> {
    const answer = await ask(`${this.#url}/d/${this.document}/update`, this.#token, { method: 'POST', body: stamp() })
    await answer.arrayBuffer()
  }

  #begin(work: Promise<void>): void {
    this.#underWay = Promise.all([this.#underWay, work])
  }
}

/** When the writes that `update` holds were made, by this machine's clock. */
export function stampsIn(update: Uint8Array): readonly number[] {
  const doc = new Y.Doc()
  Y.applyUpdate(doc, update)
  return doc.getArray<number>('stamps').toArray()
}

/** A write that holds when it was made. Each is by a client of its own, so that none waits for one that was refused. */
function stamp(): Uint8Array<ArrayBuffer> {
  const doc = new Y.Doc()
  doc.getArray<number>('stamps').push([Date.now()])
  return Uint8Array.from(Y.encodeStateAsUpdate(doc))
}
