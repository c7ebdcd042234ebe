/** Messages around the updates: envelopes, sync steps, questions, and too many of them. */
import { BOMB, HUGE, join, OVERLONG, repeat, varBytes, varString, varUint } from '../bytes.ts'
import type { Outcome, Scene, SocketCase } from '../case.ts'
import type { RawSocket } from '../raw-socket.ts'
import { AUTH, AWARENESS, QUERY_AWARENESS, SYNC, sync, SYNC_STATUS, type WireName } from '../wires.ts'

const ALL: readonly WireName[] = ['y-websocket', 'hocuspocus', 'y-sweet']

type Row = readonly [
  name: string,
  wires: readonly WireName[],
  outcome: Outcome | readonly Outcome[],
  /** Messages; those of one call are written at once. */
  messages: (scene: Scene) => readonly Uint8Array[],
]

const times = (count: number, message: Uint8Array): readonly Uint8Array[] =>
  Array.from({ length: count }, () => message)

const stateVector = (count: number): Uint8Array => {
  return join(
    varUint(count),
    repeat(count, (at) => join(varUint(at + 1), varUint(1))),
  )
}

const rows: readonly Row[] = [
  ['a message of no bytes', ['y-websocket', 'y-sweet'], 'closed 4400', () => [new Uint8Array()]],
  ['a key of no bytes and nothing else', ['hocuspocus'], 'closed 4400', () => [new Uint8Array()]],
  ['a type nobody knows', ['y-websocket', 'y-sweet'], 'closed 4400', (s) => [s.wire.message(s.document, 99)]],
  ['a type nobody knows, with a key', ['hocuspocus'], 'closed 4400', (s) => [s.wire.message(s.document, 99)]],
  ['a type longer than numbers are', ['y-websocket', 'y-sweet'], 'closed 4400', () => [OVERLONG]],
  ['a type that does not end', ['y-websocket', 'y-sweet'], 'closed 4400', () => [join(0x80, 0x80)]],
  ['a sync message without a kind', ALL, ['closed 4400', 'denied'], (s) => [s.wire.message(s.document, SYNC)]],
  ['a sync message of unknown kind', ALL, ['closed 4400', 'denied'], (s) => [sync(s.wire, s.document, 9, join(0, 0))]],
  ['an update of 256 MB announced', ALL, ['closed 4400', 'denied'], (s) => [s.wire.message(s.document, SYNC, 2, BOMB)]],
  [
    'an update of 2^53 bytes announced',
    ALL,
    ['closed 4400', 'denied'],
    (s) => {
      return [s.wire.message(s.document, SYNC, 2, varUint(HUGE))]
    },
  ],
  [
    'an update longer than announced',
    ALL,
    ['closed 4400', 'denied'],
    (s) => {
      return [s.wire.message(s.document, SYNC, 2, 2, 0, 0, 0)]
    },
  ],
  [
    'an update shorter than announced',
    ALL,
    ['closed 4400', 'denied'],
    (s) => {
      return [s.wire.message(s.document, SYNC, 2, 9, 0, 0)]
    },
  ],
  [
    'two messages in one frame',
    ALL,
    ['closed 4400', 'denied'],
    (s) => {
      return [join(sync(s.wire, s.document, 2, join(0, 0)), sync(s.wire, s.document, 2, join(0, 0)))]
    },
  ],
  ['the server’s own saved message', ['y-websocket'], 'closed 4400', () => [join(120, 1, 1)]],
  ['an auth message of noise', ['y-websocket'], 'open', () => [join(AUTH, 200, 200, 200)]],

  // Sync step 1.
  [
    'a state vector of noise',
    ALL,
    ['closed 4400', 'denied'],
    (s) => [sync(s.wire, s.document, 0, new Uint8Array(99).fill(255))],
  ],
  [
    'a state vector of no bytes',
    ALL,
    ['closed 4400', 'denied'],
    (s) => [sync(s.wire, s.document, 0, new Uint8Array())],
  ],
  [
    'a state vector of 2^53 authors announced',
    ALL,
    ['closed 4400', 'denied'],
    (s) => [sync(s.wire, s.document, 0, varUint(HUGE))],
  ],
  [
    'a state vector of one author twice',
    ALL,
    ['closed 4400', 'denied'],
    (s) => [sync(s.wire, s.document, 0, join(2, 1, 1, 1, 1))],
  ],
  [
    'a state vector with a clock of 2^53',
    ALL,
    ['closed 4400', 'denied'],
    (s) => [sync(s.wire, s.document, 0, join(1, 1, varUint(HUGE)))],
  ],
  [
    'a state vector with bytes after its end',
    ALL,
    ['closed 4400', 'denied'],
    (s) => [sync(s.wire, s.document, 0, join(0, 0))],
  ],
  [
    'a state vector of 200,000 authors',
    ALL,
    ['closed 4400', 'denied'],
    (s) => [sync(s.wire, s.document, 0, stateVector(200_000))],
  ],
  [
    'a state vector of one’s own future',
    ALL,
    'open',
    (s) => [sync(s.wire, s.document, 0, join(1, varUint(s.attacker), varUint(1_000)))],
  ],
  ['sync step 1, 300 times', ALL, 'open', (s) => times(300, sync(s.wire, s.document, 0, join(0)))],
  [
    'sync step 1 of 4,000 authors, 100 times',
    ALL,
    'open',
    (s) => times(100, sync(s.wire, s.document, 0, stateVector(4_000))),
  ],
  [
    'sync step 2 of noise',
    ALL,
    ['closed 4400', 'denied'],
    (s) => [sync(s.wire, s.document, 1, new Uint8Array(99).fill(255))],
  ],
  ['sync step 2 of nothing, 1,000 times', ALL, 'open', (s) => times(1_000, sync(s.wire, s.document, 1, join(0, 0)))],
  ['who is here, asked 2,000 times', ALL, 'open', (s) => times(2_000, s.wire.message(s.document, QUERY_AWARENESS))],

  // Questions of y-sweet.
  [
    'is it saved, asked 5,000 times',
    ['y-sweet'],
    'open',
    () => {
      return Array.from({ length: 5_000 }, (_, at) => join(SYNC_STATUS, varBytes(varUint(at))))
    },
  ],
  [
    'is it saved, with 1 MB',
    ['y-sweet'],
    'closed 4400',
    () => [join(SYNC_STATUS, varBytes(new Uint8Array(1_000_000)))],
  ],
  ['is it saved, cut', ['y-sweet'], 'closed 4400', () => [join(SYNC_STATUS, 9, 1)]],

  // Keys and tokens of Hocuspocus.
  [
    '600 documents on one connection',
    ['hocuspocus'],
    'closed 1013',
    (s) => {
      return Array.from({ length: 600 }, (_, at) => s.wire.message(`${s.document}-${at}`, SYNC, 0, join(1, 0)))
    },
  ],
  [
    'one document under 600 keys',
    ['hocuspocus'],
    'closed 1013',
    (s) => {
      return Array.from({ length: 600 }, (_, at) => s.wire.message(`${s.document}\0${at}`, SYNC, 0, join(1, 0)))
    },
  ],
  [
    '10,000 documents left that were not open',
    ['hocuspocus'],
    'open',
    () => {
      return Array.from({ length: 10_000 }, (_, at) => join(varString(`never-${at}`), 7))
    },
  ],
  [
    '1,000 documents opened and left',
    ['hocuspocus'],
    'open',
    (s) => {
      return Array.from({ length: 1_000 }, (_, at) => {
        return [join(varString(`${s.document}-${at}`), SYNC, 0, 1, 0), join(varString(`${s.document}-${at}`), 7)]
      }).flat()
    },
  ],
  ['a key of 2,000 letters', ['hocuspocus'], 'closed 4400', () => [join(varString('k'.repeat(2_000)), SYNC, 0, 1, 0)]],
  ['a key of 256 MB announced', ['hocuspocus'], 'closed 4400', () => [join(BOMB, 1)]],
  [
    'a key that is not UTF-8',
    ['hocuspocus'],
    ['closed 4400', 'open'],
    () => [join(varBytes(Uint8Array.of(0xff, 0xfe)), SYNC, 0, 1, 0)],
  ],
  [
    'keys that are no document names',
    ['hocuspocus'],
    'open',
    () => {
      return ['', ' ', '\n', '\u007f', 'n'.repeat(600)].map((key) => join(varString(key), SYNC, 0, 1, 0))
    },
  ],
  [
    'keys like members of objects and paths',
    ['hocuspocus'],
    'open',
    () => {
      return ['__proto__', 'constructor', '../../etc/passwd', 'C:\\', '.'].map((key) =>
        join(varString(key), SYNC, 0, 1, 0),
      )
    },
  ],
  ['a broadcast', ['hocuspocus'], 'closed 4400', (s) => [s.wire.message(s.document, 6, varString('to all'))]],
  [
    'a reply between servers',
    ['hocuspocus'],
    'closed 4400',
    (s) => [s.wire.message(s.document, 4, 1, varBytes(join(0, 0)))],
  ],
  [
    'the server’s own word that it is authorised',
    ['hocuspocus'],
    'closed 4400',
    (s) => [s.wire.message(s.document, AUTH, 2, varString('read-write'))],
  ],
  [
    '1,000 tokens',
    ['hocuspocus'],
    'open',
    (s) => times(1_000, s.wire.message(s.document, AUTH, 0, varString('token'))),
  ],
  [
    'a token of 1 MB',
    ['hocuspocus'],
    ['open', 'denied'],
    (s) => [s.wire.message(s.document, AUTH, 0, varString('t'.repeat(1_000_000)))],
  ],
  ['a token of 256 MB announced', ['hocuspocus'], 'closed 4400', (s) => [s.wire.message(s.document, AUTH, 0, BOMB)]],
  [
    'a stateless message of 1 MB',
    ['hocuspocus'],
    'open',
    (s) => [s.wire.message(s.document, 5, varString('s'.repeat(1_000_000)))],
  ],
  ['pings and pongs without a key', ['hocuspocus'], 'open', () => times(100, join(10))],

  // Awareness as a message; what it may say is in awareness.ts.
  [
    'an awareness message of noise',
    ALL,
    ['closed 4400', 'denied'],
    (s) => [s.wire.message(s.document, AWARENESS, varBytes(new Uint8Array(99).fill(255)))],
  ],
  [
    'awareness of 2^53 clients announced',
    ALL,
    ['closed 4400', 'denied'],
    (s) => [s.wire.message(s.document, AWARENESS, varBytes(varUint(HUGE)))],
  ],
  [
    'awareness of 256 MB announced',
    ALL,
    ['closed 4400', 'denied'],
    (s) => [s.wire.message(s.document, AWARENESS, varBytes(join(1, 1, 1, BOMB)))],
  ],
]

export const messages: readonly SocketCase[] = rows.map(([name, wires, outcome, make]) => ({
  kind: 'socket',
  name,
  wires,
  outcome,
  attack: (socket: RawSocket, scene: Scene) => socket.send(...make(scene)),
}))
