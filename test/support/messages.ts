/** Messages of the y-websocket dialect, written and read as a client does. */
import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'
import { type AccessNotice, MessageType, SyncType } from '../../shared/protocol.ts'

export type Message =
  | { readonly type: 'step1' | 'step2' | 'update' | 'awareness'; readonly body: Uint8Array }
  | { readonly type: 'saved'; readonly frames: number; readonly seq: number }
  | { readonly type: 'storage'; readonly reason: string }
  | { readonly type: 'access'; readonly notice: AccessNotice }
  | { readonly type: 'token' }
  | { readonly type: 'refused'; readonly frame: number; readonly reason: string }
  | { readonly type: 'denied'; readonly reason: string }

const SYNC_NAMES = ['step1', 'step2', 'update'] as const

/** Throws on what a stock client would not understand. */
export function read(message: Uint8Array): Message {
  const decoder = decoding.createDecoder(message)
  const type = decoding.readVarUint(decoder)
  if (type === MessageType.awareness) return { type: 'awareness', body: decoding.readVarUint8Array(decoder) }
  if (type === MessageType.saved) {
    return { type: 'saved', frames: decoding.readVarUint(decoder), seq: decoding.readVarUint(decoder) }
  }
  if (type === MessageType.storage) return { type: 'storage', reason: decoding.readVarString(decoder) }
  if (type === MessageType.access) {
    return { type: 'access', notice: JSON.parse(decoding.readVarString(decoder)) as AccessNotice }
  }
  if (type === MessageType.token) return { type: 'token' }
  if (type === MessageType.refused) {
    return { type: 'refused', frame: decoding.readVarUint(decoder), reason: decoding.readVarString(decoder) }
  }
  if (type === MessageType.auth) {
    decoding.readVarUint(decoder)
    return { type: 'denied', reason: decoding.readVarString(decoder) }
  }
  const name = type === MessageType.sync ? SYNC_NAMES[decoding.readVarUint(decoder)] : undefined
  if (name === undefined) throw new Error(`A client cannot read message ${message.join(' ')}.`)
  return { type: name, body: decoding.readVarUint8Array(decoder) }
}

/** The bodies of all messages of one type. */
export function bodies(
  messages: readonly Uint8Array[],
  type: 'step1' | 'step2' | 'update' | 'awareness',
): Uint8Array[] {
  return messages.map(read).flatMap((message) => (message.type === type && 'body' in message ? [message.body] : []))
}

export const step1 = (stateVector: Uint8Array): Uint8Array => sync(SyncType.step1, stateVector)
export const step2 = (update: Uint8Array): Uint8Array => sync(SyncType.step2, update)
export const update = (bytes: Uint8Array): Uint8Array => sync(SyncType.update, bytes)

/** Asks who is here. */
export const queryAwareness = Uint8Array.of(MessageType.queryAwareness)

/** A fresh token, as our own client sends it. */
export const token = (text: string): Uint8Array =>
  encoding.encode((encoder) => {
    encoding.writeVarUint(encoder, MessageType.token)
    encoding.writeVarString(encoder, text)
  })

/** One client's presence; null says that it is gone. */
export function awareness(client: number, clock: number, state: object | null): Uint8Array {
  return encoding.encode((encoder) => {
    encoding.writeVarUint(encoder, MessageType.awareness)
    encoding.writeVarUint8Array(
      encoder,
      encoding.encode((inner) => {
        encoding.writeVarUint(inner, 1)
        encoding.writeVarUint(inner, client)
        encoding.writeVarUint(inner, clock)
        encoding.writeVarString(inner, JSON.stringify(state))
      }),
    )
  })
}

/** Client ids and whether they are here, as an awareness body tells. */
export function presenceIn(body: Uint8Array): Map<number, unknown> {
  const decoder = decoding.createDecoder(body)
  const states = new Map<number, unknown>()
  for (let left = decoding.readVarUint(decoder); left > 0; left--) {
    const client = decoding.readVarUint(decoder)
    decoding.readVarUint(decoder)
    states.set(client, JSON.parse(decoding.readVarString(decoder)))
  }
  return states
}

function sync(type: number, body: Uint8Array): Uint8Array {
  return encoding.encode((encoder) => {
    encoding.writeVarUint(encoder, MessageType.sync)
    encoding.writeVarUint(encoder, type)
    encoding.writeVarUint8Array(encoder, body)
  })
}
