/**
 * One client: a TCP connection, its WebSocket handshake, and the sync handshake of its server.
 *
 * No `ws`, no Yjs: a thousand of these must cost less than the server they load.
 */
import { connect, type Socket } from 'node:net'
import { Bytes, Cursor } from './bytes.ts'
import { frame, FrameParser, Opcode, writeFrame } from './frames.ts'
import type { Kind, Person, Protocol } from './protocol.ts'

const EMPTY_STATE_VECTOR = new Uint8Array([0])
const EMPTY_UPDATE = new Uint8Array([0, 0])

/** All sockets read into one buffer: what arrives is looked at before the next read. */
const shared = Buffer.allocUnsafe(1024 * 1024)
const cursor = new Cursor()

/** Called with each message but the sync handshake's; `cursor` stands at the payload, which ends at `end`. */
export type Listener = (kind: Kind, cursor: Cursor, end: number) => void

export interface ClientOptions {
  readonly port: number
  readonly protocol: Protocol
  readonly document: string
  readonly person?: Person
  /** What the client says it has. */
  readonly stateVector?: Uint8Array
  /** What it answers the server's step 1 with. */
  readonly step2?: Uint8Array
  /** Gets the server's step 2 as well. */
  readonly listener?: Listener
}

export class Client {
  readonly document: string
  readonly protocol: Protocol
  /** Gets every message that comes after the client is in step. */
  listener: Listener
  /** Bytes the server has sent, frame headers included. */
  bytesReceived = 0
  readonly #socket: Socket
  readonly #options: ClientOptions
  readonly #parser: FrameParser
  #isUpgraded = false
  #head = ''
  #hasAnswered = false
  #isAnswered = false
  #inStep: () => void = () => {}
  #failed: (error: Error) => void = () => {}
  /** Set once the connection was ended on purpose. */
  #isClosing = false

  private constructor(options: ClientOptions) {
    this.#options = options
    this.document = options.document
    this.protocol = options.protocol
    this.listener = options.listener ?? ignore
    this.#parser = new FrameParser(
      (data, start, end) => this.#receive(data, start, end),
      (opcode, payload) => this.#control(opcode, payload),
    )
    this.#socket = connect({
      host: '127.0.0.1',
      port: options.port,
      onread: {
        buffer: shared,
        callback: (size) => {
          this.#read(shared.subarray(0, size))
          return true
        },
      },
    })
    this.#socket.setNoDelay(true)
    this.#socket.once('connect', () => this.#upgrade())
    this.#socket.on('error', (error) => this.#failed(error))
    this.#socket.once('close', () => {
      if (!this.#isClosing) this.#failed(new Error(`The server closed a connection to ${this.document}.`))
    })
  }

  /** Resolves when the client is in step: it has the document, and the server has what it brought. */
  static join(options: ClientOptions): Promise<Client> {
    return new Promise((resolve, reject) => {
      const client = new Client(options)
      client.#inStep = () => resolve(client)
      client.#failed = reject
    })
  }

  /** Writes prepared frames. */
  write(frames: Uint8Array): void {
    this.#socket.write(frames)
  }

  /** Calls back when the connection ends although nobody here ended it. */
  onLost(callback: (error: Error) => void): void {
    this.#failed = callback
  }

  close(): Promise<void> {
    this.#isClosing = true
    return new Promise((resolve) => {
      if (this.#socket.closed) return resolve()
      this.#socket.once('close', () => resolve())
      this.#socket.destroy()
    })
  }

  #upgrade(): void {
    const { protocol, document, person = null, port } = this.#options
    this.#socket.write(
      [
        `GET ${protocol.path(document, person)} HTTP/1.1`,
        `Host: 127.0.0.1:${port}`,
        'Upgrade: websocket',
        'Connection: Upgrade',
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
        'Sec-WebSocket-Version: 13',
        '\r\n',
      ].join('\r\n'),
    )
  }

  #read(chunk: Buffer): void {
    this.bytesReceived += chunk.length
    if (this.#isUpgraded) return this.#parser.push(chunk)
    this.#head += chunk.toString('latin1')
    const end = this.#head.indexOf('\r\n\r\n')
    if (end === -1) return
    if (!this.#head.startsWith('HTTP/1.1 101')) {
      this.#failed(new Error(`The server refused ${this.document}: ${this.#head.slice(0, end)}`))
      return
    }
    this.#isUpgraded = true
    this.#greet()
    const rest = Buffer.from(this.#head.slice(end + 4), 'latin1')
    if (rest.length > 0) this.#parser.push(rest)
  }

  #greet(): void {
    const { protocol, document, person = null, stateVector = EMPTY_STATE_VECTOR, step2 } = this.#options
    if (!protocol.hasSync) {
      if (step2 !== undefined) this.write(frame(protocol.update(document, step2)))
      this.#isAnswered = this.#hasAnswered = true
      this.#inStep()
      return
    }
    const greeting = protocol.greeting(document, person)
    if (greeting !== null) this.write(frame(greeting))
    this.write(frame(protocol.step1(document, stateVector)))
  }

  #receive(data: Buffer, start: number, end: number): void {
    const kind = this.protocol.read(cursor.open(data, start))
    if (kind === 'step1') this.#answer()
    else this.listener(kind, cursor, end)
    // Most of a million messages are none of these two; resolving a promise again and again is not free.
    if (kind !== 'step1' && kind !== 'step2') return
    if (kind === 'step2') this.#isAnswered = true
    if (this.#hasAnswered && this.#isAnswered) this.#inStep()
  }

  #answer(): void {
    const { protocol, document, step2 = EMPTY_UPDATE } = this.#options
    this.write(frame(protocol.step2(document, step2)))
    this.#hasAnswered = true
  }

  #control(opcode: number, payload: Buffer): void {
    if (opcode === Opcode.ping) {
      const out = new Bytes()
      writeFrame(out, Opcode.pong, payload)
      this.write(out.copy())
    }
    if (opcode === Opcode.close && !this.#isClosing) {
      const code = payload.length >= 2 ? payload.readUInt16BE(0) : 1005
      this.#failed(new Error(`The server closed ${this.document} with ${code} ${payload.toString('utf8', 2)}.`))
    }
  }
}

function ignore(): void {}
