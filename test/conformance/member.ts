/** A peer that is in one document: sync and awareness messages, wrapped in the way of a dialect. */
import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'
import { awareness, read, step1, step2, update } from '../support/messages.ts'
import { Peer } from './peer.ts'

export interface Wrapping {
  /** Where a peer that wants `document` connects. */
  address(url: string, document: string): string
  /** Messages a client of this dialect begins with. */
  hello(document: string): readonly Uint8Array[]
  wrap(document: string, message: Uint8Array): Uint8Array
  /** A message without its wrapping; null when it is none of sync and awareness. */
  unwrap(document: string, message: Uint8Array): Uint8Array | null
}

export class Member {
  readonly peer: Peer
  readonly document: string
  readonly #wrapping: Wrapping

  constructor(peer: Peer, document: string, wrapping: Wrapping) {
    this.peer = peer
    this.document = document
    this.#wrapping = wrapping
  }

  say(message: Uint8Array): void {
    this.peer.send(this.#wrapping.wrap(this.document, message))
  }

  ask(stateVector: Uint8Array = new Uint8Array([0])): void {
    this.say(step1(stateVector))
  }

  answer(bytes: Uint8Array = new Uint8Array([0, 0])): void {
    this.say(step2(bytes))
  }

  edit(bytes: Uint8Array): void {
    this.say(update(bytes))
  }

  /** Says who a client id is; null that it is gone. */
  introduce(client: number, clock: number, state: object | null): void {
    this.say(awareness(client, clock, state))
  }

  /** The body of the next message of a type. */
  hear(type: 'step1' | 'step2' | 'update' | 'awareness'): Promise<Uint8Array> {
    return this.peer.hear(type, (message) => {
      const inner = this.#wrapping.unwrap(this.document, message)
      if (inner === null) return null
      const heard = read(inner)
      return heard.type === type && 'body' in heard ? heard.body : null
    })
  }

  /** Waits until exactly this update is heard. */
  async hearUpdate(bytes: Uint8Array): Promise<void> {
    await this.peer.hear(`update ${bytes.join(' ')}`, (message) => {
      const inner = this.#wrapping.unwrap(this.document, message)
      if (inner === null) return null
      const heard = read(inner)
      return 'body' in heard && heard.type !== 'step1' && Buffer.compare(heard.body, bytes) === 0 ? true : null
    })
  }

  /** In step with the server, having answered its question; what was heard until then is gone. */
  async settle(): Promise<this> {
    this.ask()
    this.answer()
    await this.hear('step2')
    return this
  }
}

/** Connects a client to a document and says hello. */
export async function join(url: string, document: string, wrapping: Wrapping): Promise<Member> {
  const peer = await Peer.dial(wrapping.address(url, document))
  const member = new Member(peer, document, wrapping)
  for (const message of wrapping.hello(document)) peer.send(message)
  return member
}

/** Messages as they are, the document in the path. */
export const inPath: Wrapping = {
  address: (url, document) => `${url}/${encodeURI(document)}`,
  hello: () => [],
  wrap: (_document, message) => message,
  unwrap: (_document, message) => (message[0] === 0 || message[0] === 1 ? message : null),
}

/** As y-sweet has it: the document twice in the path. */
export const inPathTwice: Wrapping = { ...inPath, address: (url, document) => `${url}/d/${document}/ws/${document}` }

/** As Hocuspocus has it: each message begins with the document's name. */
export const inMessages: Wrapping = {
  address: (url) => url,
  hello: (document) => [
    keyed(document, (encoder) => {
      for (const number of [2, 0]) encoding.writeVarUint(encoder, number)
      encoding.writeVarString(encoder, 'token')
    }),
  ],
  wrap: (document, message) => keyed(document, (encoder) => encoding.writeUint8Array(encoder, message)),
  unwrap(document, message) {
    const decoder = decoding.createDecoder(message)
    if (message.length === 1 || decoding.readVarString(decoder) !== document) return null
    return inPath.unwrap(document, message.subarray(decoder.pos))
  },
}

function keyed(document: string, write: (encoder: encoding.Encoder) => void): Uint8Array {
  return encoding.encode((encoder) => {
    encoding.writeVarString(encoder, document)
    write(encoder)
  })
}
