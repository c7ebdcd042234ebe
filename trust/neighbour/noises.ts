/** What somebody from afar can do to a server, as far as its limits let them: the noise next door. */
import { setTimeout as sleep } from 'node:timers/promises'
import { json } from '../access/token-server.ts'
import { join, repeat, varUint } from '../hostile/bytes.ts'
import { frame, Opcode, type RawSocket } from '../hostile/raw-socket.ts'
import { block, deletes, gc, item, letters, structs, update } from '../hostile/structs.ts'
import { awareness, sync } from '../hostile/wires.ts'
import { framed, type Visitors, wire } from './visitors.ts'

/** A document with something to read and to restore. */
export const LIBRARY = 'library'

export interface Noise {
  readonly name: string
  /** Makes ready what takes long to write; the noise itself then resolves when the visitors have left. */
  prepare(): (visitors: Visitors) => Promise<unknown>
}

/** What the server is told to allow of one user, of one address and to one document: fewer than its defaults. */
export const MAX_CONNECTIONS = 200

const AT_ONCE = 20
const KIB = 1024
/** As large as a message may be, its head left out. */
const LARGEST = 16 * KIB * KIB - 64
const PING = frame(new Uint8Array(125), { opcode: Opcode.ping })
const QUERY_AWARENESS = framed(...Array.from({ length: AT_ONCE }, () => join(3)))

const PRESENCE_CHARACTERS = 16_000

let nextClient = 2 ** 28

/** Many small changes in one update, each a letter by a new client. */
export function manyLetters(count: number): Uint8Array {
  const first = (nextClient += count)
  return update(Array.from({ length: count }, (_, at) => block(first - at, 0, item(letters('x')))))
}

function stateVector(count: number): Uint8Array {
  return join(
    varUint(count),
    repeat(count, (at) => join(varUint(at + 1), varUint(1))),
  )
}

/** Ranges that are deleted already, or never will be: much to read, nothing to keep. */
function manyDeletes(client: number, count: number): Uint8Array {
  return update(
    [block(client, 0, gc(2 * count))],
    [
      deletes(
        client,
        Array.from({ length: count }, (_, at) => [2 * at, 1] as const),
      ),
    ],
  )
}

/** In this dialect messages do not name their document. */
const message = (bytes: Uint8Array): Uint8Array => sync(wire, '', 2, bytes)

/** One update that takes the server's event loop long, if it reads it there. */
export const largeUpdates: Noise = {
  name: 'updates of 6 MB',
  prepare() {
    const large = framed(message(manyDeletes(2 ** 27, 1_200_000)))
    return (visitors) => visitors.flood(() => large)
  },
}

export const noises: readonly Noise[] = [
  {
    name: 'letters',
    prepare: () => (visitors) =>
      visitors.flood(() => framed(...Array.from({ length: AT_ONCE }, () => message(manyLetters(1)))), {
        count: 4,
      }),
  },
  {
    name: 'updates of many letters',
    prepare: () => (visitors) => visitors.flood(() => framed(message(manyLetters(250))), { count: 2 }),
  },
  {
    name: 'updates that take long to read',
    prepare() {
      const long = framed(message(manyDeletes(2 ** 27 + 1, 10_000)))
      return (visitors) => visitors.flood(() => long, { count: 2 })
    },
  },
  largeUpdates,
  {
    name: 'pastes of 2 MB',
    prepare: () => (visitors) =>
      visitors.flood(() => framed(message(structs(++nextClient, item(letters('x'.repeat(2e6))))))),
  },
  {
    name: 'updates that build on what is not there',
    prepare: () => (visitors) =>
      visitors.flood(() => {
        const client = ++nextClient
        return framed(message(structs(client, item(letters('x'.repeat(3_000)), { left: [client + 1, 7] }))))
      }),
  },
  {
    name: 'messages as large as they may be',
    prepare() {
      const noise = frame(new Uint8Array(LARGEST))
      return (visitors) => visitors.flood(() => noise)
    },
  },
  {
    name: 'messages larger than they may be',
    prepare: () => (visitors) => visitors.flood(() => frame(new Uint8Array(KIB), { length: 2n ** 32n })),
  },
  { name: 'pings', prepare: () => (visitors) => visitors.flood(() => PING, { count: 4 }) },
  {
    name: 'large carets',
    prepare: () => (visitors) =>
      visitors.flood(
        (visit) => {
          const entry = [2 ** 26 + visit, nextClient++, JSON.stringify('x'.repeat(PRESENCE_CHARACTERS))] as const
          return framed(awareness(wire, '', [entry]))
        },
        { count: 10 },
      ),
  },
  {
    name: 'ten thousand carets in a message',
    prepare() {
      const entries = Array.from({ length: 10_000 }, (_, at) => [at + 1, 1, '{}'] as const)
      const many = framed(awareness(wire, '', entries))
      return (visitors) => visitors.flood(() => many, { count: 2 })
    },
  },
  { name: 'who is here', prepare: () => (visitors) => visitors.flood(() => QUERY_AWARENESS, { count: 4 }) },
  {
    name: 'questions whose answers are not read',
    prepare() {
      const question = framed(sync(wire, '', 0, join(0)), join(3))
      return (visitors) => visitors.flood(() => question, { count: 4, reads: false })
    },
  },
  {
    name: 'what is lacking, asked by 100,000 clients at once',
    prepare() {
      const question = framed(sync(wire, '', 0, stateVector(100_000)))
      return (visitors) => visitors.flood(() => question, { count: 2 })
    },
  },
  {
    name: 'connections to one document',
    prepare: () => (visitors) => crowd(visitors, () => visitors.enter()),
  },
  {
    name: 'connections of one user',
    prepare: () => (visitors) => crowd(visitors, () => visitors.enter({ user: 0 })),
  },
  {
    name: 'connections from one address',
    prepare: () => (visitors) =>
      crowd(visitors, (at) => visitors.enter({ document: `${visitors.document}-${at % 10}` })),
  },
  {
    name: 'new documents',
    prepare: () => (visitors) =>
      visitors.atOnce(AT_ONCE, async () => {
        const socket = await visitors.enter({ document: `${visitors.document}-${nextClient++}` })
        socket.destroy()
      }),
  },
  {
    name: 'bad tokens',
    prepare: () => (visitors) =>
      visitors.atOnce(AT_ONCE, async () => {
        const socket = await visitors.enter({ token: 'x'.repeat(8_000) })
        socket.destroy()
      }),
  },
  {
    name: 'heads of requests that do not end',
    prepare: () => async (visitors) => {
      const sockets = await Promise.all(Array.from({ length: 200 }, () => visitors.dial()))
      for (const socket of sockets) socket.write('GET / HTTP/1.1\r\n')
      while (!visitors.isOver) {
        for (const socket of sockets) socket.write('X-More: 1\r\n')
        await sleep(10)
      }
      for (const socket of sockets) socket.destroy()
    },
  },
  {
    name: 'histories',
    prepare: () => (visitors) => requests(visitors, `/api/v1/documents/${LIBRARY}/history?limit=1000`),
  },
  { name: 'lists of documents', prepare: () => (visitors) => requests(visitors, '/api/v1/documents?limit=1000') },
  { name: 'exports', prepare: () => (visitors) => requests(visitors, `/d/${LIBRARY}/as-update`) },
  {
    name: 'restores',
    prepare: () => (visitors) =>
      visitors.atOnce(AT_ONCE, () =>
        visitors.request(`/api/v1/documents/${LIBRARY}/restore`, json('POST', { seq: 1, dryRun: true })),
      ),
  },
  {
    name: 'imports',
    prepare: () => (visitors) =>
      visitors.atOnce(4, () =>
        visitors.request(`/d/${visitors.document}-${nextClient}/update`, {
          method: 'POST',
          body: Uint8Array.from(manyLetters(20_000)),
        }),
      ),
  },
]

function requests(visitors: Visitors, path: string): Promise<void> {
  return visitors.atOnce(AT_ONCE, () => visitors.request(path))
}

/** As many as may be stay, and others try on and on. */
async function crowd(visitors: Visitors, enter: (at: number) => Promise<RawSocket>): Promise<void> {
  const staying = await Promise.all(Array.from({ length: MAX_CONNECTIONS }, (_, at) => enter(at)))
  await visitors.atOnce(AT_ONCE, async () => {
    const socket = await enter(0)
    socket.destroy()
  })
  for (const socket of staying) socket.destroy()
}
