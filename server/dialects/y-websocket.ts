/**
 * The wire format of npm's y-websocket, 1.x to 4, and of our own client, which asks for `saved` messages.
 *
 * One message per WebSocket frame: y-websocket 3.1 drops a second one silently.
 */
import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'
import type { Seq } from '../../shared/ids.ts'
import { MessageType, type StorageTrouble, SyncType } from '../../shared/protocol.ts'
import type { Acknowledgements, Dialect, Frame } from '../ports/dialect.ts'
import { readMessage, readSharedFrame, unknownType, writeMessage } from './y-protocols.ts'

/** Update `[0, 0]` has no structs and no deletes; wrapped as a sync update it feeds the client's 30 s watchdog. */
const EMPTY_UPDATE = new Uint8Array([MessageType.sync, SyncType.update, 2, 0, 0])

const STEP1 = new Uint8Array([MessageType.sync, SyncType.step1])
const STEP2 = new Uint8Array([MessageType.sync, SyncType.step2])
const UPDATE = new Uint8Array([MessageType.sync, SyncType.update])
const AWARENESS = new Uint8Array([MessageType.awareness])

const ECHO_ONLY: Acknowledgements = { received: () => [], saved: () => [], storageChanged: () => [] }

const SAVED_MESSAGES: Acknowledgements = {
  received: () => [],
  saved: (frames, seq) => [savedMessage(frames, seq)],
  storageChanged: (trouble) => [storageMessage(trouble)],
}

/** The stock dialect: the echo of an update after its commit is its acknowledgement. */
export const yWebsocket: Dialect = {
  asks: 'on-joining',
  decode,
  step1: (stateVector) => writeMessage(STEP1, stateVector),
  step2: (update) => writeMessage(STEP2, update),
  update: (update) => writeMessage(UPDATE, update),
  awareness: (payload) => writeMessage(AWARENESS, payload),
  keepAlive: () => EMPTY_UPDATE,
  acknowledgements: () => ECHO_ONLY,
}

/** The stock dialect plus `saved` messages, for clients that ask for them in the URL. */
export const yWebsocketWithSaved: Dialect = { ...yWebsocket, acknowledgements: () => SAVED_MESSAGES }

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

function storageMessage(trouble: StorageTrouble | null): Uint8Array {
  return encoding.encode((encoder) => {
    encoding.writeVarUint(encoder, MessageType.storage)
    encoding.writeVarString(encoder, trouble ?? '')
  })
}
