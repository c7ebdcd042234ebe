/**
 * The dialects as somebody writes them who is free to get them wrong, and reads them to see what became of it.
 *
 * y-websocket's and Hocuspocus' own servers speak the same, under other paths.
 */
import * as decoding from 'lib0/decoding'
import { join, type Part, varBytes, varString, varUint } from './bytes.ts'

export const WIRES = ['y-websocket', 'hocuspocus', 'y-sweet'] as const

export type WireName = (typeof WIRES)[number]

/** Where a server has its dialects; the document's name comes percent-encoded. */
export type Paths = Readonly<Partial<Record<WireName, (document: string) => string>>>

export const SYNC = 0
export const AWARENESS = 1
export const AUTH = 2
export const QUERY_AWARENESS = 3
export const SYNC_STATUS = 102
const SAVED = 120
const HOCUSPOCUS_STATUS = 8

/** What a server said, as far as anybody here cares. */
export type Heard =
  | { readonly type: 'step1' | 'step2' | 'update' | 'awareness'; readonly body: Uint8Array }
  /** So many of the attacker's frames are said to be on disk, `isTotal`: since it connected. */
  | { readonly type: 'saved'; readonly frames: number; readonly isTotal: boolean }
  | { readonly type: 'denied'; readonly key: string; readonly reason: string }
  | { readonly type: 'authenticated' | 'other' }

export interface Wire {
  readonly name: WireName
  path(document: string): string
  /** What comes before everything else. */
  greeting(document: string): readonly Uint8Array[]
  /** A message that begins with the document's key where the dialect has one. */
  message(document: string, ...parts: readonly Part[]): Uint8Array
  /** Asks whether everything sent is saved, where the dialect has a question for that. */
  askSaved(document: string, number: number): readonly Uint8Array[]
  /** A question that is answered whatever else waits, and what the answer is. */
  probe(document: string): { readonly question: Uint8Array; readonly answer: Heard['type'] }
  /** Throws on what no client of this dialect could read. */
  read(message: Uint8Array): Heard
}

const KINDS = ['step1', 'step2', 'update'] as const

/** Weft's addresses. */
export const weftPaths: Paths = {
  'y-websocket': (document) => `/ws/${document}?weft=1`,
  hocuspocus: () => '/hocuspocus',
  'y-sweet': (document) => `/d/${document}/ws/${document}`,
}

export function wireAt(paths: Paths, name: WireName): Wire | null {
  const path = paths[name]
  if (path === undefined) return null
  return name === 'hocuspocus' ? hocuspocus(path) : yWebsocket(name, path)
}

/** A sync message: `kind` 0 to 2 for step 1, step 2 and update. */
export function sync(wire: Wire, document: string, kind: number, body: Uint8Array): Uint8Array {
  return wire.message(document, SYNC, kind, varBytes(body))
}

/** An awareness message with these entries; `json` is sent as it is. */
export function awareness(
  wire: Wire,
  document: string,
  entries: readonly (readonly [client: number, clock: number, json: string])[],
): Uint8Array {
  const bodies = entries.map(([client, clock, json]) => join(varUint(client), varUint(clock), varString(json)))
  return wire.message(document, AWARENESS, varBytes(join(varUint(entries.length), ...bodies)))
}

function yWebsocket(name: WireName, path: (document: string) => string): Wire {
  return {
    name,
    path,
    greeting: () => [],
    message: (_document, ...parts) => join(...parts),
    askSaved: (_document, number) => (name === 'y-sweet' ? [join(SYNC_STATUS, varBytes(varUint(number)))] : []),
    probe: () => ({ question: join(SYNC, 0, varBytes(join(0))), answer: 'step2' }),
    read(message) {
      const decoder = decoding.createDecoder(message)
      return readBody(decoding.readVarUint(decoder), decoder)
    },
  }
}

const keyed = (document: string, ...parts: readonly Part[]): Uint8Array => join(varString(document), ...parts)
const token = (document: string): Uint8Array => keyed(document, AUTH, 0, varString(''), varString('4.7.0'))

function hocuspocus(path: (document: string) => string): Wire {
  return {
    name: 'hocuspocus',
    path,
    greeting: (document) => [token(document)],
    message: keyed,
    askSaved: () => [],
    // Not a step 1, with which the provider's count of what is saved begins anew.
    probe: (document) => ({ question: token(document), answer: 'authenticated' }),
    read(bytes) {
      const decoder = decoding.createDecoder(bytes)
      // Without a key: its ping.
      if (bytes.length === 1) return { type: 'other' }
      const key = decoding.readVarString(decoder)
      const type = decoding.readVarUint(decoder)
      if (type === AUTH) {
        return decoding.readVarUint(decoder) === 1
          ? { type: 'denied', key, reason: decoding.readVarString(decoder) }
          : { type: 'authenticated' }
      }
      if (type === HOCUSPOCUS_STATUS) {
        return { type: 'saved', frames: decoding.readVarUint(decoder), isTotal: false }
      }
      return readBody(type, decoder)
    },
  }
}

function readBody(type: number, decoder: decoding.Decoder): Heard {
  switch (type) {
    case SYNC: {
      const kind = KINDS[decoding.readVarUint(decoder)]
      return kind === undefined ? { type: 'other' } : { type: kind, body: decoding.readVarUint8Array(decoder) }
    }
    case AWARENESS:
      return { type: 'awareness', body: decoding.readVarUint8Array(decoder) }
    case SAVED:
      return { type: 'saved', frames: decoding.readVarUint(decoder), isTotal: true }
    case SYNC_STATUS:
      return { type: 'saved', frames: 1, isTotal: false }
    default:
      return { type: 'other' }
  }
}
