/**
 * A TCP connection on which anything can be written, and which reads HTTP answers and a server's WebSocket frames.
 *
 * It answers nothing by itself, not even pings, and does not mind what the server does.
 */
import { connect, type Socket } from 'node:net'
import { join, type Part } from './bytes.ts'

export const Opcode = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const

const FINAL = 0x80
const MASKED = 0x80
const MASK = [0x37, 0xfa, 0x21, 0x3d] as const
const HEAD_END = '\r\n\r\n'

/** How the connection stands. */
export type Ending =
  | { readonly type: 'closed'; readonly code: number }
  | { readonly type: 'status'; readonly status: number }
  | { readonly type: 'ended' }

export interface FrameOptions {
  readonly opcode?: number
  readonly isFinal?: boolean
  /** The three reserved bits, as a number. */
  readonly reserved?: number
  readonly isMasked?: boolean
  /** The length that the header tells; else the payload's. */
  readonly length?: bigint
  /** How many bytes the length takes: 1, 3 or 9. Else as few as it can. */
  readonly lengthBytes?: 1 | 3 | 9
}

/** One frame as a client writes it, unless told otherwise. */
export function frame(payload: Uint8Array, options: FrameOptions = {}): Uint8Array {
  const { opcode = Opcode.binary, isFinal = true, reserved = 0, isMasked = true } = options
  const length = options.length ?? BigInt(payload.length)
  const head = join((isFinal ? FINAL : 0) | (reserved << 4) | opcode, lengthOf(length, isMasked, options.lengthBytes))
  if (!isMasked) return join(head, payload)
  return join(
    head,
    ...MASK,
    payload.map((byte, at) => byte ^ (MASK[at & 3] ?? 0)),
  )
}

function lengthOf(length: bigint, isMasked: boolean, lengthBytes?: 1 | 3 | 9): Uint8Array {
  const mask = isMasked ? MASKED : 0
  const size = lengthBytes ?? sizeOfLength(length)
  if (size === 1) return join(mask | Number(length))
  const out = Buffer.alloc(size)
  out[0] = mask | (size === 3 ? 126 : 127)
  if (size === 3) out.writeUInt16BE(Number(length), 1)
  else out.writeBigUInt64BE(length, 1)
  return out
}

function sizeOfLength(length: bigint): 1 | 3 | 9 {
  if (length < 126n) return 1
  return length < 0x10000n ? 3 : 9
}

/** Where the payload of a server's frame begins and ends; null while its header is not all there. */
function payloadIn(data: Buffer, at: number): readonly [start: number, end: number] | null {
  const short = data.length < at + 2 ? 0 : data.readUInt8(at + 1)
  if (short < 126) return data.length < at + 2 ? null : [at + 2, at + 2 + short]
  const start = at + (short === 126 ? 4 : 10)
  if (data.length < start) return null
  return [start, start + (short === 126 ? data.readUInt16BE(at + 2) : data.readUInt32BE(at + 6))]
}

export class RawSocket {
  /** The server's messages so far. */
  readonly messages: Uint8Array[] = []
  /** Null while the connection goes on. */
  ending: Ending | null = null
  readonly #socket: Socket
  readonly #waiters = new Set<() => void>()
  #head = ''
  #isUpgraded = false
  #rest = Buffer.alloc(0)

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.setNoDelay(true)
    socket.on('data', (chunk) => this.#read(chunk))
    socket.on('drain', () => this.#look())
    // A reset is an ending like any other.
    socket.on('error', () => socket.destroy())
    socket.once('close', () => this.#end({ type: 'ended' }))
  }

  static open(port: number): Promise<RawSocket> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port })
      socket.once('error', reject)
      socket.once('connect', () => {
        socket.off('error', reject)
        resolve(new RawSocket(socket))
      })
    })
  }

  get isUpgraded(): boolean {
    return this.#isUpgraded
  }

  /** Bytes that the server has not taken yet. */
  get unsentBytes(): number {
    return this.#socket.writableLength
  }

  write(...parts: readonly (Part | string)[]): void {
    if (!this.#socket.writable) return
    for (const part of parts) this.#socket.write(typeof part === 'number' ? Uint8Array.of(part) : part)
  }

  /** Each message in a frame of its own. */
  send(...messages: readonly Uint8Array[]): void {
    this.write(join(...messages.map((message) => frame(message))))
  }

  /** The head of an upgrade; `headers` replace or, when empty, leave out the usual ones. */
  upgrade(path: string, headers: Readonly<Record<string, string>> = {}, method = 'GET'): void {
    const all = {
      Host: '127.0.0.1',
      Upgrade: 'websocket',
      Connection: 'Upgrade',
      'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
      'Sec-WebSocket-Version': '13',
      ...headers,
    }
    const lines = Object.entries(all)
      .filter(([, value]) => value !== '')
      .map(([name, value]) => `${name}: ${value}`)
    this.write(Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join('\r\n')}${HEAD_END}`, 'latin1'))
  }

  /** Resolves when `claim` holds or the connection has ended; false when neither came in time. */
  until(claim: () => boolean, timeoutMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!claim() && this.ending === null) return
        clearTimeout(timer)
        this.#waiters.delete(look)
        resolve(true)
      }
      const timer = setTimeout(() => {
        this.#waiters.delete(look)
        resolve(false)
      }, timeoutMs)
      this.#waiters.add(look)
      look()
    })
  }

  /** Stops reading; what the server writes piles up. */
  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  /** Ends the connection with a reset. */
  reset(): void {
    this.#socket.resetAndDestroy()
  }

  destroy(): void {
    this.#socket.destroy()
  }

  #read(chunk: Buffer): void {
    if (this.#isUpgraded) this.#parse(chunk)
    else this.#readHead(chunk)
    this.#look()
  }

  #readHead(chunk: Buffer): void {
    this.#head += chunk.toString('latin1')
    const end = this.#head.indexOf(HEAD_END)
    if (end === -1) return
    const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(this.#head)?.[1])
    if (status !== 101) return this.#end({ type: 'status', status })
    this.#isUpgraded = true
    this.#parse(Buffer.from(this.#head.slice(end + HEAD_END.length), 'latin1'))
  }

  #parse(chunk: Buffer): void {
    const data = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    let at = 0
    for (
      let payload = payloadIn(data, at);
      payload !== null && payload[1] <= data.length;
      payload = payloadIn(data, at)
    ) {
      this.#receive(data.readUInt8(at) & 0x0f, data.subarray(...payload))
      at = payload[1]
    }
    this.#rest = Buffer.from(data.subarray(at))
  }

  #receive(opcode: number, payload: Buffer): void {
    if (opcode === Opcode.binary) this.messages.push(Uint8Array.from(payload))
    if (opcode !== Opcode.close) return
    this.#end({ type: 'closed', code: payload.length >= 2 ? payload.readUInt16BE(0) : 1005 })
  }

  #end(ending: Ending): void {
    this.ending ??= ending
    this.#look()
  }

  #look(): void {
    for (const look of this.#waiters) look()
  }
}
