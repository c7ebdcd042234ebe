/** WebSocket frames as a server writes them (RFC 6455): one unmasked binary frame per message, one buffer for many. */
import type { Framing } from '../ports/connection.ts'

const FINAL_BINARY = 0x82
const LENGTH_16 = 126
const LENGTH_64 = 127

/** Shared by all WebSocket connections, so that one commit is framed once. */
export const webSocketFraming: Framing = {
  frame(messages) {
    let size = 0
    for (const { length } of messages) size += headerSize(length) + length
    const out = Buffer.allocUnsafe(size)
    let at = 0
    for (const message of messages) {
      at = writeHeader(out, at, message.length)
      out.set(message, at)
      at += message.length
    }
    return out
  },
}

function headerSize(length: number): number {
  if (length < LENGTH_16) return 2
  return length < 0x10000 ? 4 : 10
}

/** Returns where the payload begins. */
function writeHeader(out: Buffer, at: number, length: number): number {
  out[at] = FINAL_BINARY
  if (length < LENGTH_16) {
    out[at + 1] = length
    return at + 2
  }
  if (length < 0x10000) {
    out[at + 1] = LENGTH_16
    return out.writeUInt16BE(length, at + 2)
  }
  out[at + 1] = LENGTH_64
  return out.writeBigUInt64BE(BigInt(length), at + 2)
}
