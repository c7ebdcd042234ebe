import * as encoding from 'lib0/encoding'
import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { KnownBefore } from '../../server/dialects/known-before.ts'
import { Hocuspocus } from '../../server/dialects/hocuspocus.ts'
import type { Authorizer } from '../../server/ports/authorizer.ts'
import { CloseCode } from '../../shared/close-codes.ts'
import { SyncError } from '../../shared/errors.ts'
import { eventually } from '../support/eventually.ts'
import { awareness } from '../support/messages.ts'
import { message, step1, step2, token, update } from '../support/hocuspocus.ts'
import { openRooms } from '../support/rooms.ts'
import { type SharedBench, shareConnection } from '../support/shared-bench.ts'

const READY = ['plan: authenticated read-write', 'plan: step2 0 0', 'plan: step1 0']

/** Waits until exactly these were said, in this order. */
async function hears({ said }: SharedBench, ...expected: readonly string[]): Promise<void> {
  const heard: string[] = []
  await eventually(() => {
    heard.push(...said())
    expect(heard).toEqual(expected)
  })
}

function typed(text: string): Uint8Array[] {
  const doc = new Y.Doc()
  const updates: Uint8Array[] = []
  doc.on('update', (bytes: Uint8Array) => void updates.push(bytes))
  for (const letter of text) doc.getText('t').insert(doc.getText('t').length, letter)
  return updates
}

const shown = (key: string, bytes: Uint8Array): string => `${key}: update ${bytes.join(' ')}`

/** Only tokens that begin with `good` are let in. */
const tokensOnly: Authorizer = {
  requiresToken: true,
  authorize: ({ token: text, claimed }) =>
    text?.startsWith('good') === true
      ? Promise.resolve({
          author: claimed,
          shownAs: null,
          role: text === 'good to read' ? 'viewer' : 'editor',
          expiresAtMs: null,
          tokenId: null,
          issuedAtMs: 0,
        })
      : Promise.reject(new SyncError('permission-denied', 'That token does not let anybody in.')),
}

describe('opening documents', () => {
  test('[HP1] every answer begins with exactly the key the client used, session id included', async () => {
    const bench = shareConnection(await openRooms())
    bench.client.receive(token('plan\0a1'))
    bench.client.receive(step1('plan\0a1'))
    await hears(bench, 'plan+a1: authenticated read-write', 'plan+a1: step2 0 0', 'plan+a1: step1 0')
  })

  test('[HP2] a server that lets everybody in does not wait for a token', async () => {
    const bench = shareConnection(await openRooms())
    bench.client.receive(step1('plan'))
    await hears(bench, ...READY)
    bench.client.receive(token('plan', 'anything'))
    await hears(bench, 'plan: authenticated read-write')
  })

  test('[HP3] one connection carries several documents, and one document under several keys', async () => {
    const rooms = await openRooms()
    const bench = shareConnection(rooms)
    for (const key of ['plan\0a', 'plan\0b', 'notes']) bench.client.receive(step1(key))
    await eventually(() => expect(bench.said().at(-1)).toBe('notes: step1 0'))
    const [letter] = typed('x') as [Uint8Array]
    bench.client.receive(update('plan\0a', letter))
    await rooms.store.release()
    await hears(bench, shown('plan+a', letter), shown('plan+b', letter))
  })

  test('[HP3] a client that is done with a document keeps the others', async () => {
    const rooms = await openRooms()
    const bench = shareConnection(rooms)
    bench.client.receive(step1('plan'))
    bench.client.receive(step1('notes'))
    await eventually(() => expect(bench.said().at(-1)).toBe('notes: step1 0'))
    bench.client.receive(message('plan', 7))
    const room = await rooms.rooms.load(rooms.document)
    expect(room.members).toBe(0)
    bench.client.receive(message('notes', 3))
    bench.client.receive(step1('notes'))
    await hears(bench, 'notes: step2 0 0', 'notes: step1 0')
    expect(bench.connection.closed).toBeNull()
  })

  test('[HP4] a name that is none is denied, and the other documents go on', async () => {
    const bench = shareConnection(await openRooms())
    bench.client.receive(token(' '))
    await hears(bench, ' : denied invalid-document-id')
    bench.client.receive(step1('plan'))
    await hears(bench, ...READY)
  })
})

describe('saving', () => {
  test('[HP5] each update and the step 2 get one status, after their commit and in order', async () => {
    const rooms = await openRooms()
    const bench = shareConnection(rooms)
    bench.client.receive(step1('plan'))
    await hears(bench, ...READY)
    bench.client.receive(step2('plan'))
    await hears(bench, 'plan: status 1')
    const [first, second] = typed('ab') as [Uint8Array, Uint8Array]
    bench.client.receive(update('plan', first))
    bench.client.receive(update('plan', second))
    await eventually(() => expect(rooms.store.held.length).toBe(1))
    expect(bench.said()).toEqual([])
    await rooms.store.release()
    await hears(bench, shown('plan', first), shown('plan', second), 'plan: status 1', 'plan: status 1')
    bench.client.receive(update('plan', second))
    await hears(bench, 'plan: status 1')
  })

  test('[HP6] nothing is called saved before the step 2 of a client that was offline is on disk', async () => {
    const rooms = await openRooms()
    const bench = shareConnection(rooms)
    const [first, second] = typed('ab') as [Uint8Array, Uint8Array]
    bench.client.receive(step1('plan'))
    bench.client.receive(update('plan', first))
    await rooms.store.release()
    bench.client.receive(step2('plan', second))
    await eventually(() => expect(rooms.store.held.length).toBe(1))
    expect(bench.said().filter((said) => said.includes('status'))).toEqual([])
    await rooms.store.release()
    await eventually(() => expect(bench.said().slice(-2)).toEqual(['plan: status 1', 'plan: status 1']))
  })

  test('[HP6] a client that asks again is asked again, and its count begins anew', async () => {
    const rooms = await openRooms()
    const bench = shareConnection(rooms)
    bench.client.receive(step1('plan'))
    await hears(bench, ...READY)
    bench.client.receive(step2('plan'))
    await hears(bench, 'plan: status 1')
    bench.client.receive(step1('plan'))
    await hears(bench, 'plan: step2 0 0', 'plan: step1 0')
    bench.client.receive(step2('plan'))
    await hears(bench, 'plan: status 1')
  })

  test('[HP7] updates made before the step 1 get no status: the provider sends them again, and counts from 1', async () => {
    const rooms = await openRooms()
    const bench = shareConnection(rooms)
    const [early, first, second, third] = typed('abcd') as [Uint8Array, Uint8Array, Uint8Array, Uint8Array]
    const doc = new Y.Doc()
    for (const bytes of [early, first, second]) Y.applyUpdate(doc, bytes)
    bench.client.receive(update('plan', early))
    bench.client.receive(step1('plan', Y.encodeStateVector(doc)))
    bench.client.receive(update('plan', first))
    bench.client.receive(update('plan', second))
    bench.client.receive(update('plan', third))
    bench.client.receive(step2('plan', Y.encodeStateAsUpdate(doc)))
    await rooms.store.release()
    const statuses: string[] = []
    const collect = (): void => void statuses.push(...bench.said().filter((said) => said.includes('status')))
    await eventually(() => {
      collect()
      expect(statuses).toEqual(['plan: status 1', 'plan: status 1'])
    })
    expect(rooms.store.held).toEqual([])
  })

  test('[HP7] so it is however many clients the state vector names, and however large the update is', () => {
    const clients = Array.from({ length: 20_000 }, (_, at) => [2 ** 31 + at, 1] as const)
    const doc = new Y.Doc()
    doc.clientID = 7
    const [made, later] = ['a', 'b'].map((letter) => {
      const before = Y.encodeStateVector(doc)
      doc.getText('t').insert(doc.getText('t').length, letter.repeat(20_000))
      return Y.encodeStateAsUpdate(doc, before)
    }) as [Uint8Array, Uint8Array]
    const known = new KnownBefore(Y.encodeStateVector(new Map([...clients, [7, 20_000]])))
    const small = typed('x')[0] ?? new Uint8Array()
    expect([made, later, small].map((bytes) => known.holds(bytes))).toEqual([true, false, false])
  })

  test('[HP7] a step 2 that only closes a gap gets no status: the provider did not count it', async () => {
    const rooms = await openRooms()
    const bench = shareConnection(rooms)
    bench.client.receive(step1('plan'))
    await hears(bench, ...READY)
    bench.client.receive(step2('plan'))
    await hears(bench, 'plan: status 1')
    const [first, second] = typed('ab') as [Uint8Array, Uint8Array]
    bench.client.receive(update('plan', second))
    await hears(bench, 'plan: step1 0')
    bench.client.receive(step2('plan', first))
    await rooms.store.release()
    await hears(bench, shown('plan', first), shown('plan', second), 'plan: status 1')
  })
})

describe('letting in', () => {
  test('[HP8] what comes before the token waits, and is taken in order', async () => {
    const rooms = await openRooms()
    const bench = shareConnection(rooms, { authorizer: tokensOnly })
    const [first, second] = typed('ab') as [Uint8Array, Uint8Array]
    bench.client.receive(update('plan', first))
    bench.client.receive(update('plan', second))
    bench.client.receive(step1('plan'))
    expect(bench.said()).toEqual([])
    bench.client.receive(token('plan', 'good'))
    await rooms.store.release()
    await eventually(async () => expect((await rooms.rooms.load(rooms.document)).head).toBe(2))
    expect(bench.said()[0]).toBe('plan: authenticated read-write')
  })

  test('[HP8] more than a bound of it sends the connection away to come back', async () => {
    const rooms = await openRooms()
    for (const options of [{ maxQueuedMessages: 2 }, { maxQueuedBytes: 10 }]) {
      const bench = shareConnection(rooms, { authorizer: tokensOnly, options })
      for (let messages = 0; messages < 3; messages++) bench.client.receive(step1('plan'))
      expect(bench.connection.closed).toEqual({ code: CloseCode.overloaded, reason: 'too-many-pending' })
    }
  })

  test('[HP9] a client that sends no token in time is denied', async () => {
    const bench = shareConnection(await openRooms(), { authorizer: tokensOnly, options: { authTimeoutMs: 1 } })
    bench.client.receive(step1('plan'))
    await hears(bench, 'plan: denied auth-timed-out')
    expect(bench.connection.closed).toBeNull()
  })

  test('[HP10] a denied client may try again, and what it sent meanwhile is forgotten', async () => {
    const rooms = await openRooms()
    const bench = shareConnection(rooms, { authorizer: tokensOnly })
    bench.client.receive(update('plan', typed('a')[0] ?? new Uint8Array()))
    bench.client.receive(token('plan', 'bad'))
    await hears(bench, 'plan: denied permission-denied')
    bench.client.receive(step1('plan'))
    bench.client.receive(token('plan', 'good to read'))
    await hears(bench, 'plan: authenticated readonly')
    bench.client.receive(step1('plan'))
    await hears(bench, 'plan: step2 0 0', 'plan: step1 0')
    expect(rooms.store.held).toEqual([])
  })

  test('[HP11] a connection carries a bounded number of documents', async () => {
    const bench = shareConnection(await openRooms(), { options: { maxDocumentsPerConnection: 2 } })
    for (const key of ['a', 'b', 'c']) bench.client.receive(token(key))
    expect(bench.connection.closed).toEqual({ code: CloseCode.overloaded, reason: 'too-many-documents' })
  })
})

describe('other messages', () => {
  test('[HP12] an update that cannot be read ends its document only', async () => {
    const bench = shareConnection(await openRooms())
    bench.client.receive(step1('plan'))
    await hears(bench, ...READY)
    bench.client.receive(update('plan', new Uint8Array([255, 255, 3])))
    await hears(bench, 'plan: denied malformed-update')
    bench.client.receive(step1('plan'))
    bench.client.receive(step1('notes'))
    await hears(bench, 'notes: authenticated read-write', 'notes: step2 0 0', 'notes: step1 0')
  })

  test.each([
    ['a broadcast to everybody', message('plan', 6, (encoder) => encoding.writeVarString(encoder, 'hi'))],
    ['a type that does not exist', message('plan', 99)],
    ['no key', new Uint8Array([200])],
  ])('[HP12] %s closes the connection', async (_name, bytes) => {
    const bench = shareConnection(await openRooms())
    bench.client.receive(bytes)
    expect(bench.connection.closed?.code).toBe(CloseCode.malformed)
  })

  test('[HP13] stateless messages and pongs are taken and ignored', async () => {
    const bench = shareConnection(await openRooms())
    bench.client.receive(step1('plan'))
    await hears(bench, ...READY)
    bench.client.receive(message('plan', 5, (encoder) => encoding.writeVarString(encoder, 'hi')))
    bench.client.receive(new Uint8Array([10]))
    expect([bench.said(), bench.connection.closed]).toEqual([[], null])
  })

  test('[HP14] presence goes to everybody, its author included, and is answered when asked for', async () => {
    const bench = shareConnection(await openRooms())
    bench.client.receive(step1('plan'))
    await hears(bench, ...READY)
    const body = awareness(7, 1, { name: 'Ann' }).subarray(2)
    bench.client.receive(message('plan', 1, (encoder) => encoding.writeVarUint8Array(encoder, body)))
    await hears(bench, `plan: awareness ${body.length} bytes`)
    bench.client.receive(message('plan', 3))
    await hears(bench, `plan: awareness ${body.length} bytes`)
  })

  test('[HP15] providers that tell their version are pinged, older ones get an empty update', async () => {
    const rooms = await openRooms()
    const [older, newer] = [shareConnection(rooms), shareConnection(rooms)]
    older.client.receive(token('plan'))
    older.client.receive(step1('plan'))
    newer.client.receive(token('plan', '', '4.8.0'))
    newer.client.receive(step1('plan'))
    await hears(older, ...READY)
    await hears(newer, ...READY)
    older.client.keepAlive()
    newer.client.keepAlive()
    expect([older.said(), newer.said()]).toEqual([['plan: update 0 0'], ['bare 9']])
  })

  test('[HP16] all connections with the same key share what a commit brings', () => {
    const dialect = new Hocuspocus()
    expect(dialect.dialectOf('plan')).toBe(dialect.dialectOf('plan'))
    expect(dialect.dialectOf('plan')).not.toBe(dialect.dialectOf('plan\0a'))
  })
})
