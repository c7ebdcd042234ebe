/** Somebody who takes part in a document, and at times reads nothing of what comes. */
import * as Y from 'yjs'
import { awareness, sync, type Wire } from './hostile/wires.ts'
import { RawSocket } from './hostile/raw-socket.ts'

const PATIENCE_MS = 30_000

export interface Place {
  readonly port: number
  readonly wire: Wire
  readonly document: string
}

export class SlowReader {
  readonly doc: Y.Doc
  readonly #place: Place
  readonly #socket: RawSocket
  #applied = 0
  #clock = 0

  private constructor(socket: RawSocket, place: Place, doc: Y.Doc) {
    this.#socket = socket
    this.#place = place
    this.doc = doc
  }

  /** Resolves when it is in step; what `doc` holds it does not ask for. */
  static async join(place: Place, doc = new Y.Doc()): Promise<SlowReader> {
    const { port, wire, document } = place
    const socket = await RawSocket.open(port)
    const reader = new SlowReader(socket, place, doc)
    socket.upgrade(wire.path(encodeURIComponent(document)))
    await socket.until(() => socket.isUpgraded, PATIENCE_MS)
    socket.send(...wire.greeting(document), sync(wire, document, 0, Y.encodeStateVector(doc)))
    await socket.until(() => reader.#heard('step2') && reader.#heard('step1'), PATIENCE_MS)
    socket.send(sync(wire, document, 1, Y.encodeStateAsUpdate(doc)))
    return reader
  }

  get document(): string {
    return this.#place.document
  }

  /** The server has ended the connection. */
  get isGone(): boolean {
    return this.#socket.ending !== null
  }

  /** Shows a caret somewhere else. */
  say(): void {
    const { wire, document } = this.#place
    this.#socket.send(awareness(wire, document, [[this.doc.clientID, ++this.#clock, '{}']]))
  }

  stopReading(): void {
    this.#socket.pause()
  }

  startReading(): void {
    this.#socket.resume()
  }

  /** Takes over what came since the last call. */
  apply(): void {
    for (const message of this.#socket.messages.slice(this.#applied)) {
      this.#applied++
      const heard = this.#place.wire.read(message)
      if (heard.type === 'step2' || heard.type === 'update') Y.applyUpdate(this.doc, heard.body)
    }
  }

  leave(): void {
    this.#socket.destroy()
  }

  #heard(type: 'step1' | 'step2'): boolean {
    return this.#socket.messages.some((message) => this.#place.wire.read(message).type === type)
  }
}
