import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { yWebsocket, yWebsocketWithSaved } from '../../server/dialects/y-websocket.ts'
import { SyncError } from '../../shared/errors.ts'
import { accessBy } from '../support/access.ts'
import { authorizerOf, editor, enter, hears, refused, said, type Tokens, typed } from '../support/entered.ts'
import { eventually } from '../support/eventually.ts'
import { bodies, read, token, update } from '../support/messages.ts'
import { openRooms } from '../support/rooms.ts'

const NOW_MS = Date.parse('2026-05-01T10:00:00Z')
const MINUTE_MS = 60_000

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
    await eventually(() => {
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
    await eventually(() => expect(bench.store.held.length).toBe(1))
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
    await eventually(() => expect(joined.connection.closed).toEqual({ code: 4403, reason: 'permission-denied' }))
  })

  test('[AC4] a token of somebody else does not turn one person into another', async () => {
    const other = { ...editor, author: { user: 'ben', name: 'Ben' } }
    const joined = await enter(await openRooms(), { first: editor, other })
    joined.session.receive(token('other'))
    await eventually(() => expect(joined.connection.closed).toEqual({ code: 4403, reason: 'permission-denied' }))
  })

  test('[AC4] a session that left asks for nothing and has no clock running', async () => {
    const joined = await enter(await openRooms(), { first: untilMs(10) })
    const clocks = vi.getTimerCount()
    joined.session.left()
    expect(vi.getTimerCount()).toBe(clocks - 1)
    vi.advanceTimersByTime(30 * MINUTE_MS)
    expect(joined.connection.take()).toEqual([])
  })
})
