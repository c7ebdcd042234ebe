/**
 * What each family of servers wants to hear and says: y-websocket messages, the same with Hocuspocus' document name
 * in front, or (the raw relay) nothing but updates.
 */
import { Bytes, type Cursor } from './bytes.ts'

/** What a server's message is about. Hocuspocus also sends `saved`, one per update. */
export type Kind = 'step1' | 'step2' | 'update' | 'awareness' | 'authenticated' | 'other'

/** Who connects, by number; null: somebody who has not been here before. */
export type Person = number | null

export interface Protocol {
  /** Path and query of a WebSocket for a document; asked once for each connection. */
  path(document: string, person: Person): string
  /** What comes before the first step 1. */
  greeting(document: string, person: Person): Uint8Array | null
  step1(document: string, stateVector: Uint8Array): Uint8Array
  step2(document: string, update: Uint8Array): Uint8Array
  update(document: string, update: Uint8Array): Uint8Array
  awareness(document: string, payload: Uint8Array): Uint8Array
  /** Reads up to the payload: the cursor is left where the payload's bytes begin, behind their length. */
  read(cursor: Cursor): Kind
  /** Whether there is a sync at all: a relay has none, and its clients are in step at once. */
  readonly hasSync: boolean
}

const SYNC_KINDS: readonly Kind[] = ['step1', 'step2', 'update']
const SYNC = 0
const AWARENESS = 1
const AUTH = 2
const AUTHENTICATED = 2

function message(prefix: string | null, head: readonly number[], body: Uint8Array): Uint8Array {
  const out = new Bytes(body.length + 64)
  if (prefix !== null) out.varString(prefix)
  for (const value of head) out.varUint(value)
  return out.varBytes(body).copy()
}

function readSyncOrAwareness(cursor: Cursor, type: number): Kind {
  if (type === AWARENESS) {
    cursor.varUint()
    return 'awareness'
  }
  if (type !== SYNC) return 'other'
  const kind = SYNC_KINDS[cursor.varUint()] ?? 'other'
  cursor.varUint()
  return kind
}

function yWebsocketAt(prefix: string, hasSync: boolean): Protocol {
  return {
    path: (document) => `${prefix}${document}`,
    greeting: () => null,
    step1: (_document, stateVector) => message(null, [SYNC, 0], stateVector),
    step2: (_document, update) => message(null, [SYNC, 1], update),
    update: (_document, update) => message(null, [SYNC, 2], update),
    awareness: (_document, payload) => message(null, [AWARENESS], payload),
    read: (cursor) => readSyncOrAwareness(cursor, cursor.varUint()),
    hasSync,
  }
}

/** y-websocket's own server: the document is the path. */
export const yWebsocket = yWebsocketAt('/', true)

/** Weft speaks the same under `/ws/`. */
export const weft = yWebsocketAt('/ws/', true)

/** The relay passes messages on; they are the same as y-websocket's, so that the bytes are too. */
export const relay = yWebsocketAt('/', false)

/** What a Hocuspocus provider says first. */
export function authentication(document: string, token: string): Uint8Array {
  return new Bytes().varString(document).varUint(AUTH).varUint(0).varString(token).varString('4.7.0').copy()
}

export const hocuspocus: Protocol = {
  path: () => '/',
  greeting: (document) => authentication(document, ''),
  step1: (document, stateVector) => message(document, [SYNC, 0], stateVector),
  step2: (document, update) => message(document, [SYNC, 1], update),
  update: (document, update) => message(document, [SYNC, 2], update),
  awareness: (document, payload) => message(document, [AWARENESS], payload),
  read(cursor) {
    cursor.skipVarBytes()
    const type = cursor.varUint()
    if (type !== AUTH) return readSyncOrAwareness(cursor, type)
    return cursor.varUint() === AUTHENTICATED ? 'authenticated' : 'other'
  },
  hasSync: true,
}
