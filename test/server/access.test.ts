import { describe, expect, test } from 'vitest'
import { ySweet } from '../../server/dialects/y-sweet.ts'
import { yWebsocket, yWebsocketWithSaved } from '../../server/dialects/y-websocket.ts'
import type { AccessRequest } from '../../server/ports/authorizer.ts'
import { SyncError } from '../../shared/errors.ts'
import { accessBy } from '../support/access.ts'
import { authorizerOf, editor, enter, hears, refused, said, type Tokens, typed, viewer } from '../support/entered.ts'
import { eventually } from '../support/eventually.ts'
import { bodies, step2, update } from '../support/messages.ts'
import { openRooms, type RoomsBench } from '../support/rooms.ts'

/** Asks for the document with the first token. */
function requestOf({ document }: RoomsBench): AccessRequest {
  return { document, token: 'first', claimed: { user: '', name: '' }, address: '' }
}

describe('what a client may not write', () => {
  test('[AC3] a viewer’s update is refused by its number, reaches nobody, and the connection goes on', async () => {
    const bench = await openRooms()
    const joined = await enter(bench, { first: viewer })
    const [a = new Uint8Array(), b = new Uint8Array()] = typed('ab')
    joined.session.receive(update(a))
    expect(said(joined)).toEqual([refused(2, 'read-only'), { type: 'saved', frames: 2, seq: 0 }])
    joined.session.receive(step2(b))
    expect(said(joined)).toEqual([refused(3, 'read-only'), { type: 'saved', frames: 3, seq: 0 }])
    expect(bench.store.held).toEqual([])
    expect(joined.connection.closed).toBe(null)
  })

  test('[AC3] what is known is no write, whoever sends it', async () => {
    const bench = await openRooms()
    const writer = await bench.join('ben')
    const [a = new Uint8Array()] = typed('a')
    writer.session.receive(update(a))
    await bench.store.release()
    const joined = await enter(bench, { first: viewer })
    joined.session.receive(step2(a))
    joined.session.receive(update(a))
    expect(said(joined)).toEqual([
      { type: 'saved', frames: 2, seq: 1 },
      { type: 'saved', frames: 3, seq: 1 },
    ])
  })

  test('[AC3] a viewer’s broken update ends it like anybody’s', async () => {
    const joined = await enter(await openRooms(), { first: viewer })
    joined.session.receive(update(new Uint8Array([1, 2, 3])))
    expect(joined.connection.closed).toEqual({ code: 4400, reason: 'malformed-update' })
  })

  test('[AC3] a stock y-websocket client is told once, in y-protocols’ words', async () => {
    const joined = await enter(await openRooms(), { first: viewer }, yWebsocket)
    for (const bytes of typed('abc')) joined.session.receive(update(bytes))
    expect(said(joined)).toEqual([{ type: 'denied', reason: 'read-only' }])
  })

  test('[AC3] y-sweet’s client is never told that a refused change is saved, and hears that the server lives', async () => {
    const joined = await enter(await openRooms(), { first: viewer }, ySweet)
    const asks = (version: number): Uint8Array => new Uint8Array([102, 1, version])
    joined.session.receive(asks(0))
    expect(joined.connection.take()).toEqual([asks(0)])
    joined.session.receive(update(typed('a')[0] ?? new Uint8Array()))
    joined.session.receive(asks(1))
    expect(joined.connection.take()).toEqual([new Uint8Array([0, 2, 2, 0, 0])])
  })
})

describe('a change of role', () => {
  test('[AC7] up: the client hears of it and is asked for what it made meanwhile, which is then taken', async () => {
    const bench = await openRooms()
    const tokens: Tokens = { first: viewer }
    const joined = await enter(bench, tokens)
    const [a = new Uint8Array()] = typed('a')
    joined.session.receive(update(a))
    said(joined)
    tokens['first'] = editor
    joined.access.recheck({ user: 'ann' })
    expect(await hears(joined)).toEqual([
      { type: 'access', notice: { role: 'editor', expiresInMs: null, why: 'changed' } },
      { type: 'step1', body: new Uint8Array([0]) },
    ])
    joined.session.receive(step2(a))
    await bench.store.release()
    await eventually(() => expect(bodies(joined.connection.take(), 'update')).toEqual([a]))
  })

  test('[AC7] down: what was sent before is written, what comes after is refused, what was held too', async () => {
    const bench = await openRooms()
    const tokens: Tokens = { first: editor }
    const joined = await enter(bench, tokens)
    const [a = new Uint8Array(), , c = new Uint8Array(), d = new Uint8Array()] = typed('abcd')
    joined.session.receive(update(a))
    joined.session.receive(update(c))
    said(joined)
    tokens['first'] = viewer
    joined.access.recheck({})
    expect(await hears(joined)).toMatchObject([
      { type: 'access', notice: { role: 'viewer', why: 'changed' } },
      refused(3, 'read-only'),
    ])
    joined.session.receive(update(d))
    expect(said(joined)).toEqual([refused(4, 'read-only')])
    await bench.store.release()
    await eventually(() =>
      expect(said(joined)).toEqual([
        { type: 'update', body: a },
        { type: 'saved', frames: 4, seq: 1 },
      ]),
    )
  })

  test('[AC7] a recheck that changes nothing says nothing, and one that could not be answered neither', async () => {
    const tokens: Tokens = { first: editor }
    const joined = await enter(await openRooms(), tokens)
    joined.access.recheck({})
    await new Promise((resolve) => setImmediate(resolve))
    tokens['first'] = new SyncError('job-failed', 'The embedder’s database is away.')
    joined.access.recheck({})
    await new Promise((resolve) => setImmediate(resolve))
    expect(said(joined)).toEqual([])
    expect(joined.connection.closed).toBe(null)
  })

  test('[AC7] a recheck is about those it names', async () => {
    const tokens: Tokens = { first: editor }
    const joined = await enter(await openRooms(), tokens)
    tokens['first'] = new SyncError('permission-denied', 'Not any more.')
    for (const query of [{ user: 'ben' }, { document: 'notes' }, { tokenId: 'other' }]) joined.access.recheck(query)
    await new Promise((resolve) => setImmediate(resolve))
    expect(joined.connection.closed).toBe(null)
    joined.access.recheck({ user: 'ann', document: 'plan' })
    await eventually(() => expect(joined.connection.closed).toEqual({ code: 4403, reason: 'permission-denied' }))
  })

  test('[AC7] one that comes between a client’s token and its room is not missed', async () => {
    const bench = await openRooms()
    const tokens: Tokens = { first: editor }
    const access = accessBy(authorizerOf(tokens))
    const live = await access.admit(requestOf(bench))
    tokens['first'] = new SyncError('permission-denied', 'Not any more.')
    access.recheck({})
    const { connection } = await bench.join('first', yWebsocketWithSaved, { admit: () => Promise.resolve(live) })
    await eventually(() => expect(connection.closed).toEqual({ code: 4403, reason: 'permission-denied' }))
  })
})

describe('revoking', () => {
  const first = { ...editor, tokenId: 'one', issuedAtMs: Date.now() - 1_000 }

  test.each([
    { kind: 'token', id: 'one' },
    { kind: 'user', id: 'ann' },
    { kind: 'document', id: 'plan' },
  ] as const)('[AC6] by $kind ends the session at once, and its token lets nobody in again', async (revocation) => {
    const bench = await openRooms()
    const joined = await enter(bench, { first })
    await joined.access.revoke({ ...revocation, id: `not ${revocation.id}` })
    expect(joined.connection.closed).toBe(null)
    const revoking = joined.access.revoke(revocation)
    expect(joined.connection.closed).toEqual({ code: 4403, reason: 'access-revoked' })
    await revoking
    joined.session.receive(update(typed('a')[0] ?? new Uint8Array()))
    expect(bench.store.held).toEqual([])
    await expect(bench.join('first', yWebsocket, joined.access)).rejects.toMatchObject({ code: 'access-revoked' })
    await expect(joined.access.authorize(requestOf(bench))).rejects.toMatchObject({ code: 'access-revoked' })
    await expect(joined.access.mayRead(requestOf(bench))).resolves.toBe(false)
  })

  test('[AC6] between a client’s token and its room keeps it out', async () => {
    const bench = await openRooms()
    const access = accessBy(authorizerOf({ first }))
    const live = await access.admit(requestOf(bench))
    await access.revoke({ kind: 'user', id: 'ann' })
    const joining = bench.join('first', yWebsocket, { admit: () => Promise.resolve(live) })
    await expect(joining).rejects.toMatchObject({ code: 'access-revoked' })
  })

  test('[AC6] what is given to a user or in a document after that is good', async () => {
    const bench = await openRooms()
    const tokens: Tokens = { first }
    const joined = await enter(bench, tokens)
    await joined.access.revoke({ kind: 'user', id: 'ann' })
    await joined.access.revoke({ kind: 'document', id: 'plan' })
    tokens['first'] = { ...editor, tokenId: 'two', issuedAtMs: Date.now() + 1_000 }
    const { connection } = await bench.join('first', yWebsocket, joined.access)
    expect(connection.closed).toBe(null)
  })

  test('[AC6] a token that does not say when it was issued is revoked with its user', async () => {
    const bench = await openRooms()
    const joined = await enter(bench, { first: { ...editor, issuedAtMs: 0 } })
    await joined.access.revoke({ kind: 'user', id: 'ann' })
    expect(joined.connection.closed).toEqual({ code: 4403, reason: 'access-revoked' })
  })
})
