/** Somebody with a token and a program of their own, in any dialect: writes what they like and ignores every answer. */
import { WebSocket } from 'ws'
import { join } from '../hostile/bytes.ts'
import { type Heard, type Paths, sync, type Wire, wireAt, weftPaths, type WireName } from '../hostile/wires.ts'

/** How an update is sent: as a sync step 2, or by itself. */
export const WRITES = { 'step 2': 1, update: 2 } as const

const EMPTY_STATE_VECTOR = join(0)

/** Every dialect, Weft's own and stock y-websocket apart. */
export const DIALECTS: Readonly<Record<string, Wire>> = {
  'our own': wireIn(weftPaths, 'y-websocket'),
  'y-websocket': wireIn({ 'y-websocket': (document) => `/ws/${document}` }, 'y-websocket'),
  Hocuspocus: wireIn(weftPaths, 'hocuspocus'),
  'y-sweet': wireIn(weftPaths, 'y-sweet'),
}

export class Member {
  readonly #socket: WebSocket
  readonly #wire: Wire
  readonly #document: string
  readonly #heard = new Map<Heard['type'], number>()

  private constructor(socket: WebSocket, wire: Wire, document: string) {
    this.#socket = socket
    this.#wire = wire
    this.#document = document
    socket.on('error', () => undefined)
    socket.on('message', (data: Buffer) => {
      const { type } = wire.read(Uint8Array.from(data))
      this.#heard.set(type, (this.#heard.get(type) ?? 0) + 1)
    })
  }

  /** Resolves when the server has shown the document, or closed the connection. */
  static async join(
    url: string,
    wire: Wire,
    { document, token }: { readonly document: string; readonly token: string },
  ): Promise<Member> {
    const address = `${url.replace('http', 'ws')}${wire.path(encodeURIComponent(document))}`
    const socket = new WebSocket(address, { headers: { authorization: `Bearer ${token}` } })
    const member = new Member(socket, wire, document)
    socket.on('open', () => {
      for (const message of wire.greeting(document)) socket.send(message)
      socket.send(sync(wire, document, 0, EMPTY_STATE_VECTOR))
    })
    await member.#until('step2', 0)
    return member
  }

  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN
  }

  write(kind: keyof typeof WRITES, update: Uint8Array): void {
    if (this.isOpen) this.#socket.send(sync(this.#wire, this.#document, WRITES[kind], update))
  }

  /** Resolves when the server has read everything that was written, or closed the connection. */
  async settled(): Promise<void> {
    const { question, answer } = this.#wire.probe(this.#document)
    const before = this.#heard.get(answer) ?? 0
    if (this.isOpen) this.#socket.send(question)
    await this.#until(answer, before)
  }

  close(): void {
    this.#socket.terminate()
  }

  /** Until more than `count` messages of a type came. */
  async #until(type: Heard['type'], count: number): Promise<void> {
    while ((this.#heard.get(type) ?? 0) <= count && this.#socket.readyState <= WebSocket.OPEN) await this.#sign()
  }

  /** Of life, or of its end. */
  #sign(): Promise<void> {
    return new Promise((resolve) => {
      const seen = (): void => {
        this.#socket.off('message', seen).off('close', seen)
        resolve()
      }
      this.#socket.on('message', seen).on('close', seen)
    })
  }
}

function wireIn(paths: Paths, name: WireName): Wire {
  const wire = wireAt(paths, name)
  if (wire === null) throw new Error(`There is no path for ${name}.`)
  return wire
}
