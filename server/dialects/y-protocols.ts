/**
 * What all Yjs wire formats share: sync and awareness messages as y-protocols defines them, a number that tells
 * which of them, and length-prefixed bytes.
 */
import * as decoding from 'lib0/decoding'
import { SyncError } from '../../shared/errors.ts'
import { MessageType, SyncType } from '../../shared/protocol.ts'
import type { Frame } from '../ports/dialect.ts'

/** What `read` makes of a message; whatever cannot be read ends as a SyncError `malformed-frame`. */
export function readMessage<Result>(bytes: Uint8Array, read: (decoder: decoding.Decoder) => Result): Result {
  try {
    return read(decoding.createDecoder(bytes))
  } catch (cause) {
    if (cause instanceof SyncError) throw cause
    throw new SyncError('malformed-frame', `A message of ${bytes.length} bytes ends too early.`, { cause })
  }
}

/** The rest of a message whose number `type` was read; null when the number is none that all formats share. */
export function readSharedFrame(type: number, decoder: decoding.Decoder): Frame | null {
  switch (type) {
    case MessageType.sync:
      return readSync(decoder)
    case MessageType.awareness:
      return { type: 'awareness', payload: readLastBytes(decoder) }
    case MessageType.queryAwareness:
      return { type: 'query-awareness' }
    default:
      return null
  }
}

/** The error for a message whose number means nothing. */
export function unknownType(type: number, size: number): SyncError {
  return new SyncError('malformed-frame', `A message of ${size} bytes has the unknown type ${type}.`)
}

/** Length-prefixed bytes that must be the last thing in the message. */
export function readLastBytes(decoder: decoding.Decoder): Uint8Array {
  const length = decoding.readVarUint(decoder)
  const left = decoder.arr.length - decoder.pos
  if (length !== left) {
    throw new SyncError('malformed-frame', `A message announces ${length} bytes and holds ${left}.`)
  }
  return decoder.arr.subarray(decoder.pos)
}

/** `head`, then the length of `body`, then `body`. */
export function writeMessage(head: Uint8Array, body: Uint8Array): Uint8Array {
  const out = new Uint8Array(head.length + varUintSize(body.length) + body.length)
  out.set(head)
  let rest = body.length
  let at = head.length
  for (; rest >= 0x80; at++) {
    out[at] = (rest & 0x7f) | 0x80
    rest = Math.floor(rest / 0x80)
  }
  out[at] = rest
  out.set(body, at + 1)
  return out
}

function readSync(decoder: decoding.Decoder): Frame {
  const type = decoding.readVarUint(decoder)
  switch (type) {
    case SyncType.step1:
      return { type: 'step1', stateVector: readLastBytes(decoder) }
    case SyncType.step2:
      return { type: 'step2', update: readLastBytes(decoder) }
    case SyncType.update:
      return { type: 'update', update: readLastBytes(decoder) }
    default:
      throw new SyncError('malformed-frame', `A sync message has the unknown type ${type}.`)
  }
}

function varUintSize(value: number): number {
  let size = 1
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) size++
  return size
}
