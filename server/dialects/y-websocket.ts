/**
 * The wire format of npm's y-websocket, 1.x to 3.1, and of our own client, which asks for `saved` messages.
 *
 * One message per WebSocket frame: y-websocket 3.1 drops a second one silently.
 */
import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'
import { SyncError } from '../../shared/errors.ts'
import type { Seq } from '../../shared/ids.ts'
import { MessageType, SyncType } from '../../shared/protocol.ts'
import type { Dialect, Frame } from '../ports/dialect.ts'

/** Update `[0, 0]` has no structs and no deletes; wrapped as a sync update it feeds the client's 30 s watchdog. */
const EMPTY_UPDATE = new Uint8Array([MessageType.sync, SyncType.update, 2, 0, 0])

/** The stock dialect: the echo of an update after its commit is its acknowledgement. */
export const yWebsocket: Dialect = {
  decode,
  step1: (stateVector) => message(MessageType.sync, SyncType.step1, stateVector),
  step2: (update) => message(MessageType.sync, SyncType.step2, update),
  update: (update) => message(MessageType.sync, SyncType.update, update),
  awareness: (payload) => message(MessageType.awareness, null, payload),
  keepAlive: () => EMPTY_UPDATE,
  saved: () => null,
}

/** The stock dialect plus `saved` messages, for clients that ask for them in the URL. */
export const yWebsocketWithSaved: Dialect = { ...yWebsocket, saved: savedMessage }

function decode(bytes: Uint8Array): Frame {
  try {
    return decodeFrame(decoding.createDecoder(bytes), bytes.length)
  } catch (cause) {
    if (cause instanceof SyncError) throw cause
    throw new SyncError('malformed-frame', `A message of ${bytes.length} bytes ends too early.`, { cause })
  }
}

function decodeFrame(decoder: decoding.Decoder, size: number): Frame {
  const type = decoding.readVarUint(decoder)
  switch (type) {
    case MessageType.sync:
      return decodeSync(decoder)
    case MessageType.awareness:
      return { type: 'awareness', payload: lastBytes(decoder) }
    case MessageType.queryAwareness:
      return { type: 'query-awareness' }
    case MessageType.auth:
      // Clients have no business sending it, and stock servers ignore it.
      return { type: 'nothing' }
    default:
      throw new SyncError('malformed-frame', `A message of ${size} bytes has the unknown type ${type}.`)
  }
}

function decodeSync(decoder: decoding.Decoder): Frame {
  const type = decoding.readVarUint(decoder)
  switch (type) {
    case SyncType.step1:
      return { type: 'step1', stateVector: lastBytes(decoder) }
    case SyncType.step2:
      return { type: 'step2', update: lastBytes(decoder) }
    case SyncType.update:
      return { type: 'update', update: lastBytes(decoder) }
    default:
      throw new SyncError('malformed-frame', `A sync message has the unknown type ${type}.`)
  }
}

/** Length-prefixed bytes that must be the last thing in the message. */
function lastBytes(decoder: decoding.Decoder): Uint8Array {
  const length = decoding.readVarUint(decoder)
  const left = decoder.arr.length - decoder.pos
  if (length !== left) {
    throw new SyncError('malformed-frame', `A message announces ${length} bytes and holds ${left}.`)
  }
  return decoder.arr.subarray(decoder.pos)
}

function message(type: number, subtype: number | null, body: Uint8Array): Uint8Array {
  const lengthBytes = varUintSize(body.length)
  const head = subtype === null ? 1 : 2
  const out = new Uint8Array(head + lengthBytes + body.length)
  out[0] = type
  if (subtype !== null) out[1] = subtype
  let rest = body.length
  for (let at = head; ; at++) {
    if (rest < 0x80) {
      out[at] = rest
      break
    }
    out[at] = (rest & 0x7f) | 0x80
    rest = Math.floor(rest / 0x80)
  }
  out.set(body, head + lengthBytes)
  return out
}

function varUintSize(value: number): number {
  let size = 1
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) size++
  return size
}

function savedMessage(frames: number, seq: Seq): Uint8Array {
  return encoding.encode((encoder) => {
    encoding.writeVarUint(encoder, MessageType.saved)
    encoding.writeVarUint(encoder, frames)
    encoding.writeVarUint(encoder, seq)
  })
}
