/**
 * The wire format of npm's y-websocket, 1.x to 4, and of our own client, which asks for `saved` messages.
 *
 * One message per WebSocket frame: y-websocket 3.1 drops a second one silently.
 */
import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'
import type { ErrorCode } from '../../shared/errors.ts'
import type { Seq } from '../../shared/ids.ts'
import { MessageType, SyncType } from '../../shared/protocol.ts'
import type { Acknowledgements, Dialect, Frame } from '../ports/dialect.ts'
import { readMessage, readSharedFrame, unknownType, writeMessage } from './y-protocols.ts'

/** Update `[0, 0]` has no structs and no deletes; wrapped as a sync update it feeds the client's 30 s watchdog. */
const EMPTY_UPDATE = new Uint8Array([MessageType.sync, SyncType.update, 2, 0, 0])

const STEP1 = new Uint8Array([MessageType.sync, SyncType.step1])
const STEP2 = new Uint8Array([MessageType.sync, SyncType.step2])
const UPDATE = new Uint8Array([MessageType.sync, SyncType.update])
const AWARENESS = new Uint8Array([MessageType.awareness])

/** y-protocols' word for it, the only one of an auth message. */
const PERMISSION_DENIED = 0

const TOKEN_REQUEST = new Uint8Array([MessageType.token])

const SAVED_MESSAGES: Acknowledgements = {
  received: () => [],
  refused: (frames, reason) => [refusedMessage(frames, reason)],
  saved: (frames, seq) => [savedMessage(frames, seq)],
  storageChanged: (trouble) => [textMessage(MessageType.storage, trouble ?? '')],
}

/** The stock dialect: the echo of an update after its commit is its acknowledgement. */
export const yWebsocket: Dialect = {
  asks: 'on-joining',
  decode,
  step1: (stateVector) => writeMessage(STEP1, stateVector),
  step2: (update) => writeMessage(STEP2, update),
  update: (update) => writeMessage(UPDATE, update),
  awareness: (payload) => writeMessage(AWARENESS, payload),
  access: () => [],
  tokenRequest: null,
  keepAlive: () => EMPTY_UPDATE,
  acknowledgements: () => new EchoOnly(),
}

/** The stock dialect plus messages of our own, for clients that ask for them in the URL. */
export const yWebsocketWithSaved: Dialect = {
  ...yWebsocket,
  decode: decodeOurs,
  access: (notice) => [textMessage(MessageType.access, JSON.stringify(notice))],
  tokenRequest: TOKEN_REQUEST,
  acknowledgements: () => SAVED_MESSAGES,
}

/** The client knows its updates are saved when they come back. Of those that are refused it is told once in a row. */
class EchoOnly implements Acknowledgements {
  #told: ErrorCode | null = null

  received(): readonly Uint8Array[] {
    return []
  }

  refused(_frames: number, reason: ErrorCode): readonly Uint8Array[] {
    // Stock clients log the reason and go on, so a message for each keystroke would only fill their console.
    if (this.#told === reason) return []
    this.#told = reason
    return [deniedMessage(reason)]
  }

  saved(): readonly Uint8Array[] {
    return []
  }

  storageChanged(): readonly Uint8Array[] {
    return []
  }
}

function decodeOurs(bytes: Uint8Array): Frame {
  if (bytes[0] !== MessageType.token) return decode(bytes)
  return readMessage(bytes, (decoder) => {
    decoding.readVarUint(decoder)
    return { type: 'token', token: decoding.readVarString(decoder) }
  })
}

function decode(bytes: Uint8Array): Frame {
  return readMessage(bytes, (decoder) => {
    const type = decoding.readVarUint(decoder)
    // Clients have no business sending auth messages, and stock servers ignore them.
    if (type === MessageType.auth) return { type: 'nothing' }
    const frame = readSharedFrame(type, decoder)
    if (frame === null) throw unknownType(type, bytes.length)
    return frame
  })
}

function savedMessage(frames: number, seq: Seq): Uint8Array {
  return encoding.encode((encoder) => {
    encoding.writeVarUint(encoder, MessageType.saved)
    encoding.writeVarUint(encoder, frames)
    encoding.writeVarUint(encoder, seq)
  })
}

function refusedMessage(frame: number, reason: ErrorCode): Uint8Array {
  return encoding.encode((encoder) => {
    encoding.writeVarUint(encoder, MessageType.refused)
    encoding.writeVarUint(encoder, frame)
    encoding.writeVarString(encoder, reason)
  })
}

function deniedMessage(reason: ErrorCode): Uint8Array {
  return encoding.encode((encoder) => {
    encoding.writeVarUint(encoder, MessageType.auth)
    encoding.writeVarUint(encoder, PERMISSION_DENIED)
    encoding.writeVarString(encoder, reason)
  })
}

function textMessage(type: number, text: string): Uint8Array {
  return encoding.encode((encoder) => {
    encoding.writeVarUint(encoder, type)
    encoding.writeVarString(encoder, text)
  })
}
