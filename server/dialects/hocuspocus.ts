/**
 * The wire format of @hocuspocus/provider 2 to 4: every message begins with a key that names its document.
 *
 * The key is the document's name, or name, NUL and a session id where several providers of one page share a
 * socket. A provider drops whatever does not begin with exactly its own key.
 */
import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'
import { SyncError } from '../../shared/errors.ts'
import { MessageType, SyncType } from '../../shared/protocol.ts'
import { can } from '../../shared/roles.ts'
import type { Dialect, Frame } from '../ports/dialect.ts'
import type { Envelope, SharedDialect } from '../ports/shared-dialect.ts'
import { SyncStatuses } from './sync-statuses.ts'
import { readMessage, readSharedFrame, unknownType, writeMessage } from './y-protocols.ts'

/** The numbers after the key that y-websocket does not have, or that mean something else there. */
const Type = { auth: 2, stateless: 5, close: 7, syncStatus: 8 } as const

/** Without a key, both ways, and known to providers from version 4 on. */
const PING = new Uint8Array([9])
const PONG = 10

const Auth = { token: 0, denied: 1, authenticated: 2 } as const

const BODY_TYPES: ReadonlySet<number> = new Set([
  MessageType.sync,
  MessageType.awareness,
  MessageType.queryAwareness,
  Type.stateless,
])

const NOTHING: Envelope = { type: 'nothing' }

const EMPTY_UPDATE = new Uint8Array([0, 0])

// Longer than any document's name with a session id; keys are kept for as long as the connection lasts.
const MAX_KEY_CHARACTERS = 1_024

export class Hocuspocus implements SharedDialect {
  /** Sessions with one key share one dialect, so that what a commit brings is encoded once for all of them. */
  readonly #dialects = new Map<string, WeakRef<Dialect>>()
  readonly #unused = new FinalizationRegistry<string>((key) => {
    if (this.#dialects.get(key)?.deref() === undefined) this.#dialects.delete(key)
  })

  readonly ping = PING

  dialectOf(key: string): Dialect {
    const known = this.#dialects.get(key)?.deref()
    if (known !== undefined) return known
    const dialect = dialectOf(key)
    this.#dialects.set(key, new WeakRef(dialect))
    this.#unused.register(dialect, key)
    return dialect
  }

  documentName(key: string): string {
    const [name = ''] = key.split('\0', 1)
    return name
  }

  open(message: Uint8Array): Envelope {
    if (message.length === 1 && message[0] === PONG) return NOTHING
    return readMessage(message, (decoder) => openEnvelope(message, decoder))
  }

  denied(key: string, reason: string): Uint8Array {
    return writeText([...keyed(key, Type.auth), Auth.denied], reason)
  }
}

function openEnvelope(message: Uint8Array, decoder: decoding.Decoder): Envelope {
  const key = decoding.readVarString(decoder)
  if (key.length > MAX_KEY_CHARACTERS) {
    throw new SyncError('malformed-frame', `A message begins with a key of ${key.length} characters.`)
  }
  const body = message.subarray(decoder.pos)
  const type = decoding.readVarUint(decoder)
  if (type === Type.close) return { type: 'leave', key }
  if (type !== Type.auth) {
    // Broadcasts to everybody are the server's to send; a client that tries is none of ours.
    if (!BODY_TYPES.has(type)) throw unknownType(type, message.length)
    return { type: 'body', key, body }
  }
  const kind = decoding.readVarUint(decoder)
  if (kind !== Auth.token) throw new SyncError('malformed-frame', `A client sent an auth message of kind ${kind}.`)
  const token = decoding.readVarString(decoder)
  // Only providers that tell their version, from 4 on, know pings; older ones throw on them.
  return { type: 'token', key, token, knowsPing: decoding.hasContent(decoder) }
}

function dialectOf(key: string): Dialect {
  const [step1, step2, update] = [SyncType.step1, SyncType.step2, SyncType.update].map((type) =>
    Uint8Array.from([...keyed(key, MessageType.sync), type]),
  ) as [Uint8Array, Uint8Array, Uint8Array]
  const awareness = keyed(key, MessageType.awareness)
  const auth = keyed(key, Type.auth)
  const status = keyed(key, Type.syncStatus)
  const statuses = { applied: Uint8Array.from([...status, 1]), refused: Uint8Array.from([...status, 0]) }
  return {
    asks: 'after-answering',
    decode,
    step1: (stateVector) => writeMessage(step1, stateVector),
    step2: (bytes) => writeMessage(step2, bytes),
    update: (bytes) => writeMessage(update, bytes),
    awareness: (payload) => writeMessage(awareness, payload),
    access: ({ role, why }) => {
      const scope = why !== 'expired' && can(role, 'write') ? 'read-write' : 'readonly'
      return [writeText([...auth, Auth.authenticated], scope)]
    },
    tokenRequest: Uint8Array.from([...auth, Auth.token]),
    keepAlive: () => writeMessage(update, EMPTY_UPDATE),
    acknowledgements: () => new SyncStatuses(statuses),
  }
}

/** Reads what follows the key. */
function decode(body: Uint8Array): Frame {
  return readMessage(body, (decoder) => {
    const type = decoding.readVarUint(decoder)
    // Messages for hooks of the server, of which there are none.
    if (type === Type.stateless) return { type: 'nothing' }
    const frame = readSharedFrame(type, decoder)
    if (frame === null) throw unknownType(type, body.length)
    return frame
  })
}

function keyed(key: string, type: number): Uint8Array {
  return encoding.encode((encoder) => {
    encoding.writeVarString(encoder, key)
    encoding.writeVarUint(encoder, type)
  })
}

function writeText(head: readonly number[], text: string): Uint8Array {
  return writeMessage(Uint8Array.from(head), new TextEncoder().encode(text))
}
