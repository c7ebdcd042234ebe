/** A Yjs client for other servers: y-websocket's messages, or the same behind a document name, as Hocuspocus has them. */
import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'
import { WebSocket } from 'ws'
import { readSyncMessage, writeSyncStep1, writeUpdate } from 'y-protocols/sync'
import * as Y from 'yjs'
import type { Peer } from '../row.ts'

const SYNC = 0
const AUTH = 2
const HOCUSPOCUS_SYNC_STATUS = 8
const STEP_2 = 1

export class PeerClient {
  readonly doc = new Y.Doc()
  /** Updates that the server said it has; only Hocuspocus says so. */
  acknowledged = 0
  isSynced = false
  readonly #document: string
  readonly #isHocuspocus: boolean
  readonly #socket: WebSocket

  constructor(peer: Peer, port: number, document: string) {
    this.#document = document
    this.#isHocuspocus = peer === 'hocuspocus'
    this.#socket = new WebSocket(`ws://127.0.0.1:${port}/${this.#isHocuspocus ? '' : document}`)
    this.#socket.binaryType = 'arraybuffer'
    this.#socket.on('open', () => this.#greet())
    this.#socket.on('message', (data: ArrayBuffer) => this.#receive(new Uint8Array(data)))
    // A server that is killed ends it; nobody is to come back and heal what was lost.
    this.#socket.on('error', () => undefined)
    this.doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin !== this) this.#send(SYNC, (encoder) => writeUpdate(encoder, update))
    })
  }

  close(): void {
    this.#socket.terminate()
  }

  #greet(): void {
    if (this.#isHocuspocus) {
      this.#send(AUTH, (encoder) => {
        encoding.writeVarUint(encoder, 0)
        encoding.writeVarString(encoder, '')
      })
    }
    this.#send(SYNC, (encoder) => writeSyncStep1(encoder, this.doc))
  }

  #receive(message: Uint8Array): void {
    const decoder = decoding.createDecoder(message)
    if (this.#isHocuspocus) decoding.readVarString(decoder)
    const type = decoding.readVarUint(decoder)
    if (type === HOCUSPOCUS_SYNC_STATUS && decoding.readVarUint(decoder) === 1) this.acknowledged++
    if (type !== SYNC) return
    const reply = encoding.createEncoder()
    if (readSyncMessage(decoder, reply, this.doc, this) === STEP_2) this.isSynced = true
    if (encoding.length(reply) > 0) this.#sendBytes(SYNC, encoding.toUint8Array(reply))
  }

  #send(type: number, write: (encoder: encoding.Encoder) => void): void {
    this.#sendBytes(type, encoding.encode(write))
  }

  #sendBytes(type: number, body: Uint8Array): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return
    this.#socket.send(
      encoding.encode((encoder) => {
        if (this.#isHocuspocus) encoding.writeVarString(encoder, this.#document)
        encoding.writeVarUint(encoder, type)
        encoding.writeUint8Array(encoder, body)
      }),
    )
  }
}
