/** WebSocket frames as a client writes them (RFC 6455): masked, prepared before the measurement begins. */
import { Bytes } from './bytes.ts'

export const Opcode = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const

const FINAL = 0x80
const MASKED = 0x80

/** Not zero: `ws` skips the work of unmasking for a mask of zeros, which no browser sends. */
const MASK = Buffer.from([0x37, 0xfa, 0x21, 0x3d])

/** Adds one masked frame to `out`. */
export function writeFrame(out: Bytes, opcode: number, payload: Uint8Array): void {
  const { length } = payload
  out.byte(FINAL | opcode)
  if (length < 126) out.byte(MASKED | length)
  else if (length < 0x10000) out.byte(MASKED | 126).uint16BE(length)
  else {
    out
      .byte(MASKED | 127)
      .uint16BE(0)
      .uint16BE(0)
    out.uint16BE(length >>> 16).uint16BE(length & 0xffff)
  }
  out.bytes(MASK)
  for (let at = 0; at < length; at++) out.byte((payload[at] ?? 0) ^ (MASK[at & 3] ?? 0))
}

/** One masked binary frame. */
export function frame(payload: Uint8Array): Buffer {
  const out = new Bytes(payload.length + 14)
  writeFrame(out, Opcode.binary, payload)
  return out.copy()
}

/** Called with each message: its bytes are `data[start..end)`, valid during the call. */
export type OnMessage = (data: Buffer, start: number, end: number) => void

/**
 * Takes a server's bytes apart. Messages are never fragmented here: none of the servers does that.
 * Holds what is incomplete until the rest arrives.
 */
export class FrameParser {
  readonly #onMessage: OnMessage
  readonly #onControl: (opcode: number, payload: Buffer) => void
  #rest: Buffer | null = null
  /** Bytes that have to be here before parsing on makes sense: large messages are put together once. */
  #needed = 0
  #pieces: Buffer[] = []
  #pieceBytes = 0

  constructor(onMessage: OnMessage, onControl: (opcode: number, payload: Buffer) => void) {
    this.#onMessage = onMessage
    this.#onControl = onControl
  }

  /** `chunk` is not kept. */
  push(chunk: Buffer): void {
    const data = this.#join(chunk)
    if (data === null) return
    let at = 0
    for (;;) {
      const left = data.length - at
      if (left < 2) break
      const short = (data[at + 1] ?? 0) & 0x7f
      const header = headerSize(short)
      if (left < header) break
      const length = payloadSize(data, at, short)
      if (left < header + length) {
        this.#needed = header + length
        break
      }
      const opcode = (data[at] ?? 0) & 0x0f
      const start = at + header
      at = start + length
      if (opcode === Opcode.binary) this.#onMessage(data, start, at)
      else this.#onControl(opcode, data.subarray(start, at))
    }
    if (at < data.length) this.#rest = Buffer.from(data.subarray(at))
  }

  #join(chunk: Buffer): Buffer | null {
    const rest = this.#rest
    if (rest === null && this.#pieceBytes === 0) return chunk
    if (rest !== null) {
      this.#pieces.push(rest)
      this.#pieceBytes = rest.length
      this.#rest = null
    }
    if (this.#pieceBytes + chunk.length < this.#needed) {
      this.#pieces.push(Buffer.from(chunk))
      this.#pieceBytes += chunk.length
      return null
    }
    const data = Buffer.concat([...this.#pieces, chunk])
    this.#pieces = []
    this.#pieceBytes = 0
    this.#needed = 0
    return data
  }
}

function headerSize(short: number): number {
  if (short < 126) return 2
  return short === 126 ? 4 : 10
}

function payloadSize(data: Buffer, at: number, short: number): number {
  if (short < 126) return short
  return short === 126 ? data.readUInt16BE(at + 2) : data.readUInt32BE(at + 6)
}
