/** A document that is a lot of work, and everything that can be asked of it. */
import { once } from 'node:events'
import { type IncomingMessage, request, type RequestOptions } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { openSqliteStore } from '../../server/store/sqlite-store.ts'
import { parseDocumentId } from '../../shared/ids.ts'
import { seededRandom } from '../load/random.ts'
import { type ItemId, ROOT, touchedBy, typing } from '../load/typing.ts'
import { Bytes } from '../wire/bytes.ts'
import { Client } from '../wire/client.ts'
import { frame } from '../wire/frames.ts'
import type { OtherServer } from './other-room.ts'

const MB = 1e6
const PASTE_BYTES = 10_000
const WRITER = 2 ** 30

/** How a document of some kind comes to be. */
export interface Kind {
  readonly title: string
  readonly name: 'large' | 'touched'
  readonly updates: () => Iterable<Uint8Array>
  /** The last item: where people type on. */
  readonly last: ItemId
  /** A state vector that knows about half of it. */
  readonly half: Uint8Array
}

/** Text of so many megabytes, or a document that so many clients have touched. */
export function kindOf(kind: 'large' | 'touched', size: number): Kind {
  return kind === 'large' ? largeText(size) : manyClients(size)
}

/** Text pasted in pieces of 10 kB, one behind the other. */
function largeText(megabytes: number): Kind {
  const pastes = Math.ceil((megabytes * MB) / PASTE_BYTES)
  return {
    title: `${megabytes} MB of text`,
    name: 'large',
    updates: () => pasting(pastes),
    last: { client: WRITER, clock: pastes * PASTE_BYTES - 1 },
    half: stateVector([[WRITER, (pastes >> 1) * PASTE_BYTES]]),
  }
}

/** A letter by each of many client ids. */
function manyClients(count: number): Kind {
  const { update, last } = touchedBy(count)
  const clients = Array.from({ length: count >> 1 }, (_, at) => [last.client - count + 1 + at, 1] as const)
  return { title: `${count} client ids`, name: 'touched', updates: () => [update], last, half: stateVector(clients) }
}

/** What is asked of a document, one after the other, by name. */
export function actionsOn(server: OtherServer, kind: Kind): readonly (readonly [string, () => Promise<unknown>])[] {
  let person = 2 ** 29
  const visit = async (state: Uint8Array | undefined, letters: number): Promise<void> => {
    const client = await open(server, kind.name, state)
    for (const { update } of typing(person++, letters, kind.last)) {
      client.write(frame(client.protocol.update(kind.name, update)))
      await sleep(LETTER_GAP_MS)
    }
    await client.close()
  }
  const ask = async (path: string, init: RequestOptions = {}, body = ''): Promise<void> => {
    const asking = request({ host: '127.0.0.1', port: server.port, path, ...init }).end(body)
    const [response] = (await once(asking, 'response')) as [IncomingMessage]
    for await (const chunk of response) void chunk
    if (response.statusCode !== 200) throw new Error(`${path} was answered with ${response.statusCode}.`)
  }
  const preview = { method: 'POST', headers: { 'content-type': 'application/json' } }
  return [
    ['opened with nothing', () => visit(undefined, 0)],
    ['edited', () => visit(undefined, 20)],
    ['opened with half of it', () => visit(kind.half, 0)],
    ['edited by ten', () => Promise.all(Array.from({ length: 10 }, () => visit(kind.half, 20)))],
    [
      'previewed at seq 1',
      () => ask(`/api/v1/documents/${kind.name}/restore`, preview, JSON.stringify({ seq: 1, dryRun: true })),
    ],
    ['read as one update', () => ask(`/d/${kind.name}/as-update`)],
  ]
}

const LETTER_GAP_MS = 50

/** Puts the document into a data folder that no server has. */
export async function write(folder: string, kind: Kind): Promise<void> {
  const store = await openSqliteStore({ folder })
  try {
    const { handle } = await store.open(parseDocumentId(kind.name))
    const author = { user: '', name: '' }
    for (const bytes of kind.updates()) {
      await store.commit({ documents: [{ handle, updates: [{ bytes, author, atMs: Date.now() }] }] })
    }
  } finally {
    await store.close()
  }
}

function open(server: OtherServer, document: string, state: Uint8Array | undefined): Promise<Client> {
  const options = { port: server.port, protocol: server.target.protocol, document }
  return Client.join(state === undefined ? options : { ...options, stateVector: state })
}

function* pasting(count: number): Generator<Uint8Array> {
  const random = seededRandom(1)
  for (let at = 0; at < count; at++) {
    const out = new Bytes(PASTE_BYTES + 64)
    out
      .varUint(1)
      .varUint(1)
      .varUint(WRITER)
      .varUint(at * PASTE_BYTES)
    if (at === 0) out.byte(STRING).varUint(1).varString(ROOT)
    else
      out
        .byte(STRING | HAS_ORIGIN)
        .varUint(WRITER)
        .varUint(at * PASTE_BYTES - 1)
    yield out.varString(words(random)).varUint(0).copy()
  }
}

/** A paste of made-up words, about as compressible as prose. */
function words(random: () => number): string {
  let text = ''
  while (text.length < PASTE_BYTES) text += `${Math.floor(20_000 * random() ** 3).toString(36)} `
  return text.slice(0, PASTE_BYTES)
}

/** See Yjs' Item.write. */
const STRING = 4
const HAS_ORIGIN = 0x80

function stateVector(clocks: readonly (readonly [number, number])[]): Uint8Array {
  const out = new Bytes().varUint(clocks.length)
  for (const [client, clock] of clocks) out.varUint(client).varUint(clock)
  return out.copy()
}
