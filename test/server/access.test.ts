import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import * as Y from 'yjs'
import { ySweet } from '../../server/dialects/y-sweet.ts'
import { yWebsocket, yWebsocketWithSaved } from '../../server/dialects/y-websocket.ts'
import type { Authorizer, Grant } from '../../server/ports/authorizer.ts'
import type { Dialect } from '../../server/ports/dialect.ts'
import { SyncError } from '../../shared/errors.ts'
import { accessBy, grantOf } from '../support/access.ts'
import { bodies, type Message, read, step1, step2, token, update } from '../support/messages.ts'
import { type Joined, openRooms, type RoomsBench } from '../support/rooms.ts'

const NOW_MS = Date.parse('2026-05-01T10:00:00Z')
const MINUTE_MS = 60_000

/** What each token gives; what is not here is `token-invalid`. Tests change it as they go. */
type Tokens = Record<string, Partial<Grant> | SyncError>

function authorizerOf(tokens: Tokens): Authorizer {
  return {
    requiresToken: true,
    authorize({ token: text }) {
      const given = tokens[text ?? ''] ?? new SyncError('token-invalid', 'No such token.')
      if (given instanceof SyncError) return Promise.reject(given)
      return Promise.resolve(grantOf({ author: { user: 'ann', name: 'Ann' }, ...given }))
    },
  }
}

const viewer = { role: 'viewer' } as const
const editor = { role: 'editor' } as const

function typed(text: string): Uint8Array[] {
  const doc = new Y.Doc()
  const updates: Uint8Array[] = []
  doc.on('update', (bytes: Uint8Array) => void updates.push(bytes))
  for (const letter of text) doc.getText('t').insert(doc.getText('t').length, letter)
  return updates
}

/** Joins with a token and a given authorizer; what was said on joining is taken off. */
async function enter(bench: RoomsBench, tokens: Tokens, dialect: Dialect = yWebsocketWithSaved) {
  const access = accessBy(authorizerOf(tokens), { expiryGraceMs: 10_000 })
  const joined = await bench.join('first', dialect, access)
  joined.session.receive(step1(new Uint8Array([0])))
  await vi.waitFor(() => expect(joined.session.isLive).toBe(true))
  joined.session.receive(step2(new Uint8Array([0, 0])))
  joined.connection.take()
  return { ...joined, access }
}

const said = ({ connection }: Pick<Joined, 'connection'>): Message[] => connection.take().map(read)

/** Waits until something was said, and gives it. */
async function hears(joined: Pick<Joined, 'connection'>): Promise<Message[]> {
  return vi.waitFor(() => {
    const messages = said(joined)
    expect(messages).not.toEqual([])
    return messages
  })
}

const refused = (frame: number, reason: string): Message => ({ type: 'refused', frame, reason })

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

describe('a token’s life', () => {
  beforeEach(() => void vi.useFakeTimers({ now: NOW_MS, toFake: ['Date', 'setTimeout', 'clearTimeout'] }))
  afterEach(() => void vi.useRealTimers())

  const untilMs = (minutes: number) => ({ ...editor, expiresAtMs: NOW_MS + minutes * MINUTE_MS })

  test('[AC9] a client hears first of all what it may do and for how long', async () => {
    const bench = await openRooms()
    const { connection } = await bench.join(
      'first',
      yWebsocketWithSaved,
      accessBy(authorizerOf({ first: untilMs(10) })),
    )
    expect(read(connection.take()[0] ?? new Uint8Array())).toEqual({
      type: 'access',
      notice: { role: 'editor', expiresInMs: 10 * MINUTE_MS, why: 'joined' },
    })
  })

  test('[AC4] at 80 % of it a fresh token is asked for, again later, and then taken without a break', async () => {
    const bench = await openRooms()
    const tokens: Tokens = { first: untilMs(10), fresh: untilMs(20) }
    const joined = await enter(bench, tokens)
    vi.setSystemTime(NOW_MS)
    vi.advanceTimersByTime(8 * MINUTE_MS - 5_000)
    expect(said(joined)).toEqual([])
    vi.advanceTimersByTime(5_000)
    expect(said(joined)).toEqual([{ type: 'token' }])
    vi.advanceTimersByTime(1.6 * MINUTE_MS)
    expect(said(joined)).toEqual([{ type: 'token' }])
    const [a = new Uint8Array(), b = new Uint8Array()] = typed('ab')
    joined.session.receive(update(a))
    joined.session.receive(token('fresh'))
    joined.session.receive(update(b))
    const [notice] = await hears(joined)
    expect(notice).toMatchObject({ type: 'access', notice: { role: 'editor', why: 'renewed' } })
    vi.setSystemTime(NOW_MS + 12 * MINUTE_MS)
    await bench.store.release()
    const shown: Uint8Array[] = []
    await vi.waitFor(() => {
      shown.push(...bodies(joined.connection.take(), 'update'))
      expect(shown).toEqual([a, b])
    })
    expect(joined.connection.closed).toBe(null)
  })

  test('[AC5] from its end on nothing is written, even when no timer has rung', async () => {
    const bench = await openRooms()
    const joined = await enter(bench, { first: untilMs(10) })
    vi.setSystemTime(NOW_MS + 10 * MINUTE_MS - 1)
    const [a = new Uint8Array(), b = new Uint8Array()] = typed('ab')
    joined.session.receive(update(a))
    vi.setSystemTime(NOW_MS + 10 * MINUTE_MS)
    joined.session.receive(update(b))
    expect(said(joined)).toEqual([refused(3, 'token-expired')])
    await vi.waitFor(() => expect(bench.store.held.length).toBe(1))
    expect(bench.store.held[0]?.documents[0]?.updates.map(({ bytes }) => bytes)).toEqual([a])
  })

  test('[AC5] a client that sends no fresh one is told, and closed with 4501 when its time of grace is over', async () => {
    const joined = await enter(await openRooms(), { first: untilMs(10) })
    vi.setSystemTime(NOW_MS)
    vi.advanceTimersByTime(10 * MINUTE_MS)
    expect(said(joined).slice(-2)).toEqual([
      { type: 'access', notice: { role: 'editor', expiresInMs: 0, why: 'expired' } },
      { type: 'token' },
    ])
    vi.advanceTimersByTime(9_999)
    expect(joined.connection.closed).toBe(null)
    vi.advanceTimersByTime(1)
    expect(joined.connection.closed).toEqual({ code: 4501, reason: 'token-expired' })
  })

  test('[AC7] a fresh token after its end brings back what was refused meanwhile', async () => {
    const joined = await enter(await openRooms(), { first: untilMs(10), fresh: untilMs(20) })
    vi.setSystemTime(NOW_MS)
    vi.advanceTimersByTime(10 * MINUTE_MS)
    said(joined)
    joined.session.receive(update(typed('a')[0] ?? new Uint8Array()))
    expect(said(joined)).toMatchObject([refused(2, 'token-expired'), { type: 'saved' }])
    joined.session.receive(token('fresh'))
    expect(await hears(joined)).toMatchObject([{ type: 'access', notice: { why: 'renewed' } }, { type: 'step1' }])
    vi.advanceTimersByTime(20_000)
    expect(joined.connection.closed).toBe(null)
  })

  test('[AC5] a client that cannot be asked is sent at once to come back with a fresh one', async () => {
    const joined = await enter(await openRooms(), { first: untilMs(10) }, yWebsocket)
    vi.setSystemTime(NOW_MS)
    vi.advanceTimersByTime(10 * MINUTE_MS + 1)
    expect(joined.connection.take()).toEqual([])
    expect(joined.connection.closed).toEqual({ code: 4501, reason: 'token-expired' })
  })

  test('[AC4] a fresh token that is no good changes nothing; one that gives nothing here ends the session', async () => {
    const joined = await enter(await openRooms(), {
      first: untilMs(10),
      old: new SyncError('token-expired', 'Too old.'),
      elsewhere: new SyncError('permission-denied', 'Not here.'),
    })
    joined.session.receive(token('unheard of'))
    joined.session.receive(token('old'))
    await Promise.resolve()
    joined.session.receive(update(typed('a')[0] ?? new Uint8Array()))
    expect(said(joined)).toEqual([])
    expect(joined.connection.closed).toBe(null)
    joined.session.receive(token('elsewhere'))
    await vi.waitFor(() => expect(joined.connection.closed).toEqual({ code: 4403, reason: 'permission-denied' }))
  })

  test('[AC4] a token of somebody else does not turn one person into another', async () => {
    const other = { ...editor, author: { user: 'ben', name: 'Ben' } }
    const joined = await enter(await openRooms(), { first: editor, other })
    joined.session.receive(token('other'))
    await vi.waitFor(() => expect(joined.connection.closed).toEqual({ code: 4403, reason: 'permission-denied' }))
  })

  test('[AC4] a session that left asks for nothing and has no clock running', async () => {
    const joined = await enter(await openRooms(), { first: untilMs(10) })
    joined.session.left()
    vi.advanceTimersByTime(30 * MINUTE_MS)
    expect(joined.connection.take()).toEqual([])
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
    await vi.waitFor(() => expect(bodies(joined.connection.take(), 'update')).toEqual([a]))
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
    await vi.waitFor(() =>
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
    await Promise.resolve()
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
    await vi.waitFor(() => expect(joined.connection.closed).toEqual({ code: 4403, reason: 'permission-denied' }))
  })

  test('[AC7] one that comes between a client’s token and its room is not missed', async () => {
    const bench = await openRooms()
    const tokens: Tokens = { first: editor }
    const access = accessBy(authorizerOf(tokens))
    const live = await access.admit({
      document: bench.document,
      token: 'first',
      claimed: { user: '', name: '' },
      address: '',
    })
    tokens['first'] = new SyncError('permission-denied', 'Not any more.')
    access.recheck({})
    const { connection } = await bench.join('first', yWebsocketWithSaved, { admit: () => Promise.resolve(live) })
    await vi.waitFor(() => expect(connection.closed).toEqual({ code: 4403, reason: 'permission-denied' }))
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
