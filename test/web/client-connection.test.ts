import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { bench, contentOf, frames, handshake, settle, type Bench } from './client-fakes.ts'
import * as Y from 'yjs'

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }))
afterEach(() => void vi.useRealTimers())

async function afterMs(ms: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms)
}

function connectionOf({ client }: Bench): unknown {
  return client.state.connection
}

describe('the connection', () => {
  test('[CL30] it is made to the room, asks for saved messages and names the user', async () => {
    const { client, socket } = await bench({ document: 'team/2024 plan', user: { id: 'ada', name: 'Ada & Co' } })
    const url = new URL(socket().url)
    expect(`${url.origin}${url.pathname}`).toBe('ws://weft.test/ws/team/2024%20plan')
    expect(Object.fromEntries(url.searchParams)).toEqual({ weft: '1', user: 'ada', name: 'Ada & Co' })
    client.destroy()
  })

  test('[CL31] the server is the page’s own unless one is given', async () => {
    const { client, socket } = await bench({ server: undefined } as object, { origin: 'https://page.test' })
    expect(new URL(socket().url).host).toBe('page.test')
    client.destroy()
  })

  test('[CL32] a name that half a surrogate pair ends, or that is long, does not keep the client from connecting', async () => {
    const { client, socket } = await bench({ user: { id: 'ada', name: `${'x'.repeat(127)}😀` } })
    expect(socket().query.get('name')).toBe(`${'x'.repeat(127)}\ufffd`)
    client.destroy()
  })

  test('[CL33] it is connecting, then live, and synced when the server’s content has arrived', async () => {
    const it = await bench()
    expect(it.client.state).toMatchObject({ connection: { name: 'connecting' }, synced: false, ready: false })
    it.socket().open()
    expect(it.client.state).toMatchObject({ connection: { name: 'live' }, synced: false })
    it.socket().receive(frames.step2(new Y.Doc()))
    expect(it.client.state).toMatchObject({ connection: { name: 'live' }, synced: true, ready: true })
    await expect(Promise.all([it.client.whenSynced, it.client.whenReady])).resolves.toBeDefined()
    it.client.destroy()
  })

  test('[CL34] a lost connection waits, says until when, and tries again at that moment', async () => {
    const it = await bench()
    const socket = handshake(it)
    it.client.on('state', ({ connection, synced }) => expect(synced && connection.name !== 'live').toBe(false))
    socket.drop()
    expect(it.client.state).toMatchObject({
      connection: { name: 'waiting', attempt: 1, retryAtMs: 1_000_200 },
      synced: false,
      ready: true,
    })
    await afterMs(199)
    expect(it.sockets).toHaveLength(1)
    await afterMs(1)
    expect(it.sockets).toHaveLength(2)
    expect(connectionOf(it)).toEqual({ name: 'connecting' })
    it.socket().drop()
    expect(connectionOf(it)).toEqual({
      name: 'waiting',
      attempt: 2,
      retryAtMs: Date.now() + 400,
      code: 1006,
      reason: '',
    })
    it.client.destroy()
  })

  test('[CL35] the wait never exceeds 2.5 s, and is short again after a sync', async () => {
    const it = await bench()
    for (let attempt = 1; attempt <= 6; attempt++) {
      it.socket().drop()
      await afterMs(2_500)
    }
    expect(it.sockets).toHaveLength(7)
    it.socket().drop()
    expect(connectionOf(it)).toMatchObject({ name: 'waiting', attempt: 7, retryAtMs: Date.now() + 2_500 })
    await afterMs(2_500)
    handshake(it).drop()
    expect(connectionOf(it)).toMatchObject({ name: 'waiting', attempt: 1, retryAtMs: Date.now() + 200 })
    it.client.destroy()
  })

  test('[CL36] a close code of 4400–4499 stops it, others do not', async () => {
    const it = await bench()
    it.socket().drop(4503, 'quarantined')
    expect(connectionOf(it)).toMatchObject({ name: 'waiting' })
    await afterMs(2_500)
    const closed = vi.fn()
    it.client.on('closed', closed)
    it.socket().drop(4404, 'invalid-document-id')
    expect(connectionOf(it)).toEqual({ name: 'stopped', code: 4404, reason: 'invalid-document-id' })
    expect(closed.mock.calls[0]?.[0]).toEqual({ code: 4404, reason: 'invalid-document-id' })
    await afterMs(60_000)
    expect(it.sockets).toHaveLength(2)
    it.client.connect()
    expect(connectionOf(it)).toEqual({ name: 'connecting' })
    it.client.destroy()
  })

  test('[CL37] back online, or asked to, it tries at once', async () => {
    const it = await bench()
    it.socket().drop()
    it.goOnline()
    await settle()
    expect(it.sockets).toHaveLength(2)
    it.socket().drop()
    it.client.connect()
    await settle()
    expect(it.sockets).toHaveLength(3)
    it.client.destroy()
  })

  test('[CL86] a device that loses its network is not live any longer, and does not wait for the socket to notice', async () => {
    const it = await bench()
    it.socket().open()
    expect(it.client.state.connection.name).toBe('live')
    it.goOffline()
    expect(it.client.state.connection.name).toBe('waiting')
    it.goOffline()
    it.goOnline()
    await settle()
    expect(it.sockets).toHaveLength(2)
    it.client.destroy()
    it.goOffline()
  })

  test('[CL38] disconnected it stays so, network or not, until it is asked to connect', async () => {
    const it = await bench()
    handshake(it)
    it.client.on('state', ({ connection }) => expect(connection.name).not.toBe('waiting'))
    it.client.disconnect()
    expect(connectionOf(it)).toEqual({ name: 'stopped', code: 1000, reason: 'disconnected' })
    it.goOnline()
    await afterMs(60_000)
    expect(it.sockets).toHaveLength(1)
    it.client.connect()
    await settle()
    handshake(it)
    expect(it.client.state).toMatchObject({ connection: { name: 'live' }, synced: true })
    it.client.destroy()
  })

  test('[CL39] a token is asked for before every connection and goes with it as a subprotocol, past the logs of proxies', async () => {
    const auth = vi.fn(async () => `token-${auth.mock.calls.length}`)
    const it = await bench({ auth })
    expect(it.socket().protocols).toEqual(['weft', 'weft.token.token-1'])
    expect(it.socket().url).not.toContain('token-1')
    it.socket().drop()
    await afterMs(200)
    expect(it.socket().token).toBe('token-2')
    it.client.destroy()
  })

  test('[CL87] a token that no subprotocol can hold goes into the URL; an empty one goes nowhere', async () => {
    const it = await bench({ auth: () => 'a token/with=signs' })
    expect(it.socket().query.get('token')).toBe('a token/with=signs')
    expect(it.socket().protocols).toEqual([])
    const without = await bench({ auth: () => '' })
    expect(without.socket().query.has('token')).toBe(false)
    expect(without.socket().protocols).toEqual([])
    it.client.destroy()
    without.client.destroy()
  })

  test('[CL40] without a token there is no connection, an error, and another try', async () => {
    const failures = vi.fn()
    let isUp = false
    const it = await bench({
      auth: async () => {
        if (!isUp) throw new Error('no network')
        return 'good'
      },
    })
    it.client.on('connection-error', failures)
    expect(it.sockets).toHaveLength(0)
    expect(connectionOf(it)).toMatchObject({ name: 'waiting', attempt: 1, code: null, reason: 'no-token' })
    await afterMs(200)
    expect(failures.mock.calls[0]?.[0]).toMatchObject({ error: new Error('no network') })
    isUp = true
    await afterMs(400)
    expect(it.socket().token).toBe('good')
    it.client.destroy()
  })

  test('[CL41] a token that comes after the client left opens nothing', async () => {
    const asked: ((token: string) => void)[] = []
    const it = await bench({ auth: () => new Promise<string>((resolve) => void asked.push(resolve)) })
    it.client.destroy()
    for (const give of asked) give('late')
    await settle()
    expect(it.sockets).toHaveLength(0)
  })

  test('[CL42] y-websocket’s events are passed on, after the state says the same', async () => {
    const it = await bench()
    const seen: unknown[] = []
    it.client.on('status', ({ status }) => seen.push([status, it.client.state.connection.name]))
    it.client.on('sync', (synced) => seen.push(['sync', synced, it.client.state.synced]))
    it.client.on('synced', (synced) => seen.push(['synced', synced, it.client.synced]))
    it.client.on('connection-close', () => seen.push(['close', it.client.state.connection.name]))
    handshake(it).drop()
    expect(seen).toEqual([
      ['connected', 'live'],
      ['synced', true, true],
      ['sync', true, true],
      ['close', 'waiting'],
      ['synced', false, false],
      ['sync', false, false],
      ['disconnected', 'waiting'],
    ])
    it.client.destroy()
  })

  test('[CL43] the state event comes once for each difference, with the state that `state` shows', async () => {
    const it = await bench()
    const states = vi.fn((state) => expect(state).toBe(it.client.state))
    it.client.on('state', states)
    const socket = handshake(it)
    expect(states).toHaveBeenCalledTimes(2)
    socket.receive(frames.update(contentOf('x')), frames.saved(1))
    expect(states).toHaveBeenCalledTimes(2)
    it.client.off('state', states)
    socket.drop()
    expect(states).toHaveBeenCalledTimes(2)
    it.client.destroy()
  })

  test('[CL45] a server that does not answer within 30 s is given up and tried again; one that has answered is not', async () => {
    const it = await bench()
    await afterMs(29_999)
    expect(it.client.state.connection).toEqual({ name: 'connecting' })
    await afterMs(1)
    expect(it.socket().readyState).toBe(3)
    expect(it.client.state.connection).toMatchObject({ name: 'waiting', code: null })
    await afterMs(200)
    expect(it.sockets).toHaveLength(2)
    handshake(it)
    await afterMs(30_000)
    expect(it.client.state.connection).toEqual({ name: 'live' })
    it.client.destroy()
  })

  test('[CL44] destroy ends the connection and the client’s own document, not one that was given', async () => {
    const given = new Y.Doc()
    const it = await bench({ doc: given })
    const own = await bench()
    const ended = vi.fn()
    given.on('destroy', ended)
    own.client.doc.on('destroy', ended)
    const socket = handshake(it)
    it.client.destroy()
    expect(ended).not.toHaveBeenCalled()
    own.client.destroy()
    expect(ended).toHaveBeenCalledOnce()
    expect(socket.readyState).toBe(3)
    await afterMs(60_000)
    expect(it.sockets).toHaveLength(1)
    expect(vi.getTimerCount()).toBe(0)
  })
})
