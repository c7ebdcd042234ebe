import * as encoding from 'lib0/encoding'
import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { ySweet } from '../../server/dialects/y-sweet.ts'
import { CloseCode } from '../../shared/close-codes.ts'
import { eventually } from '../support/eventually.ts'
import { step1, step2, update } from '../support/messages.ts'
import { openRooms, type RoomsBench } from '../support/rooms.ts'
import { runServer } from '../support/running-server.ts'

/** Message 102 with the number of the client's last change. */
function status(version: number): Uint8Array {
  return encoding.encode((encoder) => {
    encoding.writeVarUint(encoder, 102)
    encoding.writeVarUint8Array(
      encoder,
      encoding.encode((payload) => encoding.writeVarUint(payload, version)),
    )
  })
}

const SIGN_OF_LIFE = new Uint8Array([0, 2, 2, 0, 0])

function typed(text: string): Uint8Array[] {
  const doc = new Y.Doc()
  const updates: Uint8Array[] = []
  doc.on('update', (bytes: Uint8Array) => void updates.push(bytes))
  for (const letter of text) doc.getText('t').insert(doc.getText('t').length, letter)
  return updates
}

/** A client that connected, was answered, and sent `offline` in its step 2. */
async function connected(bench: RoomsBench, offline = new Uint8Array([0, 0])) {
  const { session, connection } = await bench.join('ann', ySweet)
  session.receive(step1(new Uint8Array([0])))
  await eventually(() => expect(session.isLive).toBe(true))
  connection.take()
  session.receive(step2(offline))
  return { session, connection }
}

describe('sync status', () => {
  test('[YS3] it comes back unchanged when everything before it is on disk, and not before', async () => {
    const bench = await openRooms()
    const { session, connection } = await connected(bench)
    session.receive(status(0))
    expect(connection.take()).toEqual([status(0)])
    const [first, second] = typed('ab') as [Uint8Array, Uint8Array]
    session.receive(update(first))
    session.receive(status(1))
    await eventually(() => expect(bench.store.held.length).toBe(1))
    session.receive(update(second))
    session.receive(status(2))
    expect(connection.take()).toEqual([])
    await bench.store.release()
    await eventually(() => expect(connection.take()).toEqual([update(first), status(1)]))
    await bench.store.release()
    await eventually(() => expect(connection.take()).toEqual([update(second), status(2)]))
  })

  test('[YS3] a client that was offline is told so only when its step 2 is on disk', async () => {
    const bench = await openRooms()
    const { session, connection } = await bench.join('ann', ySweet)
    connection.take()
    session.receive(status(5))
    expect(connection.take()).toEqual([])
    session.receive(step2(typed('a')[0] ?? new Uint8Array()))
    expect(connection.take()).toEqual([])
    await bench.store.release()
    await eventually(() => expect(connection.take()).toEqual([status(5)]))
  })

  test('[YS4] a heartbeat is heard of at once, however long the commit takes', async () => {
    const bench = await openRooms()
    const { session, connection } = await connected(bench)
    session.receive(update(typed('a')[0] ?? new Uint8Array()))
    session.receive(status(1))
    expect(connection.take()).toEqual([])
    session.receive(status(1))
    session.receive(status(1))
    expect(connection.take()).toEqual([SIGN_OF_LIFE, SIGN_OF_LIFE])
    await bench.store.release()
    await eventually(() => expect(connection.take().filter((message) => message[0] === 102)).toEqual([status(1)]))
    session.receive(status(1))
    expect(connection.take()).toEqual([status(1)])
  })

  test('[YS6] one that is too long to be a number closes its sender', async () => {
    const { session, connection } = await connected(await openRooms())
    session.receive(new Uint8Array([102, 65, ...new Uint8Array(65)]))
    expect(connection.closed?.code).toBe(CloseCode.malformed)
  })
})

describe('over HTTP', () => {
  const post = (url: string, body?: unknown): Promise<Response> =>
    fetch(url, body === undefined ? { method: 'POST' } : { method: 'POST', body: JSON.stringify(body) })

  test('[YS1] a document gets the name that was asked for, or a new one', async () => {
    const { url } = await runServer()
    expect(await (await post(`${url}/doc/new`, { docId: 'plan_1' })).json()).toEqual({ docId: 'plan_1' })
    const { docId } = (await (await post(`${url}/doc/new`)).json()) as { docId: string }
    expect(docId).toMatch(/^[A-Za-z0-9_-]{12}$/)
    expect((await post(`${url}/doc/new`, { docId: 'a b' })).status).toBe(400)
  })

  test('[YS2] a client token says where to connect, and never promises what it cannot hold', async () => {
    const { url } = await runServer()
    const token = await post(`${url}/doc/plan/auth`, { authorization: 'full', userId: 'ann', validForSeconds: 60 })
    expect(await token.json()).toEqual({
      url: `${url.replace('http', 'ws')}/d/plan/ws`,
      baseUrl: `${url}/d/plan`,
      docId: 'plan',
      token: null,
      authorization: 'full',
    })
    expect((await post(`${url}/doc/plan/auth`, { authorization: 'read-only' })).status).toBe(400)
    const proxied = await runServer({ publicUrl: 'https://docs.example/weft/' })
    expect(await (await post(`${proxied.url}/doc/plan/auth`)).json()).toMatchObject({
      url: 'wss://docs.example/weft/d/plan/ws',
    })
  })

  test('[YS5] a document is read and written as one update', async () => {
    const { url } = await runServer({ inlineDiffBytes: 512 })
    const asUpdate = async (): Promise<Y.Doc> => {
      const doc = new Y.Doc()
      Y.applyUpdate(doc, new Uint8Array(await (await fetch(`${url}/d/plan/as-update`)).arrayBuffer()))
      return doc
    }
    expect((await asUpdate()).share.size).toBe(0)
    for (const text of ['short', 'long enough for a thread of its own '.repeat(40)]) {
      const doc = await asUpdate()
      doc.getText('t').insert(0, text)
      const response = await fetch(`${url}/d/plan/update`, { method: 'POST', body: Y.encodeStateAsUpdate(doc).slice() })
      expect(response.status).toBe(200)
      expect((await asUpdate()).getText('t').toJSON()).toBe(doc.getText('t').toJSON())
    }
    const garbage = await fetch(`${url}/d/plan/update`, { method: 'POST', body: new Uint8Array([9, 9, 9]) })
    expect(garbage.status).toBe(400)
    const deep = new Y.Doc()
    let map: Y.Map<unknown> = deep.getMap('m')
    deep.transact(() => {
      for (let depth = 0; depth < 300; depth++) map = map.set('in', new Y.Map<unknown>())
    })
    const costly = await fetch(`${url}/d/plan/update`, { method: 'POST', body: Y.encodeStateAsUpdate(deep).slice() })
    expect([costly.status, await costly.json()]).toMatchObject([422, { code: 'update-too-costly' }])
    expect(await (await post(`${url}/check_store`)).json()).toEqual({ ok: true })
  })
})
