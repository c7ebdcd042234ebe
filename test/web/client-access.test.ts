/** Roles, tokens that run out and are renewed, and what happens to edits when somebody may no longer write. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import * as Y from 'yjs'
import { CloseCode } from '../../shared/close-codes.ts'
import {
  bench,
  type Bench,
  type FakeSocket,
  frames,
  handshake,
  settle,
  textOf,
  type,
  updateIn,
} from './client-fakes.ts'

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }))
afterEach(() => void vi.useRealTimers())

async function afterMs(ms: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms)
}

/** Through the handshake with a server that says the role first, as Weft does. */
function join(it: Bench, role: Parameters<typeof frames.access>[0], expiresInMs: number | null = null): FakeSocket {
  const socket = it.socket()
  socket.open()
  const server = new Y.Doc()
  socket.receive(frames.access(role, 'joined', expiresInMs), frames.step1(server), frames.step2(server))
  return socket
}

/** Gives the tokens of the list, one a call, the last for ever; an Error is thrown. */
function tokens(...given: readonly (string | Error)[]) {
  const auth = vi.fn(async (): Promise<string> => {
    const next = given[Math.min(auth.mock.calls.length, given.length) - 1]
    if (next instanceof Error) throw next
    return next ?? ''
  })
  return auth
}

describe('the role', () => {
  test('[CL90] is null until the server says it, and then part of the state, with its end by this device’s clock', async () => {
    const it = await bench()
    expect(it.client.role).toBeNull()
    join(it, 'editor', 60_000)
    expect(it.client.role).toBe('editor')
    expect(it.client.state.access).toEqual({ role: 'editor', expiresAtMs: 1_060_000, why: 'joined' })
    expect(it.client.state.writable).toBe(true)
    it.client.destroy()
  })

  test('[CL91] a server without roles takes everything', async () => {
    const it = await bench()
    handshake(it)
    expect(it.client.state).toMatchObject({ access: null, writable: true })
    it.client.destroy()
  })

  test('[CL92] it changes live in both directions, and each change is an event', async () => {
    const it = await bench()
    const heard: unknown[] = []
    it.client.on('role', (role, why) => heard.push([role, why, it.client.state.writable]))
    const socket = join(it, 'editor')
    socket.receive(frames.access('viewer', 'changed'))
    socket.receive(frames.access('viewer', 'renewed'))
    socket.receive(frames.access('owner', 'changed'))
    expect(heard).toEqual([
      ['editor', 'joined', false],
      ['viewer', 'changed', false],
      ['owner', 'changed', true],
    ])
    it.client.destroy()
  })

  test('[CL93] commenters may not write', async () => {
    const it = await bench()
    join(it, 'commenter')
    expect(it.client.state.writable).toBe(false)
    it.client.destroy()
  })

  test('[CL94] without the server, what it said in an earlier session holds', async () => {
    const it = await bench({}, { hasCopy: true })
    await it.copy().load({ wasSynced: true, roleBefore: 'viewer' })
    expect(it.client.state).toMatchObject({
      ready: true,
      writable: false,
      access: { role: 'viewer', why: 'remembered' },
    })
    join(it, 'editor')
    expect(it.client.state.writable).toBe(true)
    expect(it.copy().roles.at(-1)).toBe('editor')
    it.socket().drop(CloseCode.forbidden, 'access-revoked')
    expect(it.copy().roles.at(-1)).toBe('viewer')
    it.client.destroy()
  })
})

describe('edits that are refused', () => {
  test('[CL95] stay unsaved whatever is saved after them, and go out when the role comes back', async () => {
    const it = await bench()
    const socket = join(it, 'editor')
    type(it.client.doc, 'kept ')
    socket.receive(frames.saved(2))
    type(it.client.doc, 'refused')
    socket.receive(frames.access('viewer', 'changed'), frames.refused(3), frames.saved(3))
    expect(it.client.state).toMatchObject({ unsaved: 1, writable: false })
    expect(it.client.doc.getText('content').toJSON()).toBe('kept refused')

    const server = new Y.Doc()
    socket.receive(frames.access('editor', 'changed'), frames.step1(server))
    expect(textOf(updateIn(socket.counted.at(-1)))).toBe('kept refused')
    expect(it.client.unsaved).toBe(1)
    socket.receive(frames.saved(4))
    expect(it.client.unsaved).toBe(0)
    it.client.destroy()
  })

  test('[CL105] say so while the document is full, until they are saved or the connection ends', async () => {
    const it = await bench()
    const socket = join(it, 'editor')
    type(it.client.doc, 'too much')
    socket.receive(frames.refused(2, 'document-full'), frames.saved(2))
    expect(it.client.state).toMatchObject({ unsaved: 1, isFull: true, writable: true })
    socket.receive(frames.step1(new Y.Doc()), frames.saved(3))
    expect(it.client.state).toMatchObject({ unsaved: 0, isFull: false })
    type(it.client.doc, ' again')
    socket.receive(frames.refused(4, 'document-full'))
    expect(it.client.state.isFull).toBe(true)
    socket.drop(1006, '')
    expect(it.client.state).toMatchObject({ unsaved: 1, isFull: false })
    it.client.destroy()
  })

  test('[CL96] a refused answer to the server’s question leaves everything unsaved', async () => {
    const it = await bench()
    type(it.client.doc, 'offline')
    const socket = join(it, 'viewer')
    socket.receive(frames.refused(1), frames.saved(1))
    expect(it.client.unsaved).toBe(1)
    it.client.destroy()
  })
})

describe('a token that runs out', () => {
  test('[CL97] is replaced in the same connection when the server asks, and typing goes on', async () => {
    const it = await bench({ auth: tokens('first', 'second') })
    const socket = join(it, 'editor', 10_000)
    type(it.client.doc, 'a')
    socket.receive(frames.wantToken())
    type(it.client.doc, 'b')
    await settle()
    type(it.client.doc, 'c')
    expect(socket.tokensSent).toEqual(['second'])
    socket.receive(frames.access('editor', 'renewed', 10_000), frames.saved(4))
    expect(it.sockets).toHaveLength(1)
    expect(it.client.state).toMatchObject({ unsaved: 0, synced: true, writable: true })
    expect(socket.counted).toHaveLength(4)
    it.client.destroy()
  })

  test('[CL98] a failing auth, or one that gives the old token, is asked again after 1 s, 2 s, 4 s', async () => {
    const auth = tokens('first', new Error('down'), 'first', '', 'second')
    const it = await bench({ auth })
    const socket = join(it, 'editor', 60_000)
    socket.receive(frames.wantToken())
    await settle()
    expect(auth).toHaveBeenCalledTimes(2)
    await afterMs(999)
    expect(auth).toHaveBeenCalledTimes(2)
    await afterMs(1)
    await afterMs(2_000)
    await afterMs(3_999)
    expect(auth).toHaveBeenCalledTimes(4)
    expect(socket.tokensSent).toEqual([])
    await afterMs(1)
    expect(socket.tokensSent).toEqual(['second'])
    await afterMs(120_000)
    expect(auth).toHaveBeenCalledTimes(5)
    it.client.destroy()
    await afterMs(60_000)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('[CL99] expired, it can still be replaced, and edits made meanwhile are kept', async () => {
    const it = await bench({ auth: tokens('first', new Error('down'), 'second') })
    const socket = join(it, 'editor', 10_000)
    socket.receive(frames.wantToken())
    await settle()
    socket.receive(frames.access('editor', 'expired', 0))
    type(it.client.doc, 'late')
    socket.receive(frames.refused(2, 'token-expired'))
    expect(it.client.state).toMatchObject({ unsaved: 1, writable: true, access: { why: 'expired' } })
    await afterMs(1_000)
    expect(socket.tokensSent).toEqual(['second'])
    socket.receive(frames.access('editor', 'renewed', 10_000), frames.step1(new Y.Doc()), frames.saved(3))
    expect(it.client.unsaved).toBe(0)
    it.client.destroy()
  })

  test('[CL100] closed for its age the client comes back with a fresh one; turned away with that too, it asks less often and nothing is typed', async () => {
    const it = await bench({ auth: tokens('first', 'second') })
    join(it, 'editor', 10_000).drop(CloseCode.expired, 'token-expired')
    expect(it.client.state).toMatchObject({ connection: { name: 'waiting', code: CloseCode.expired }, writable: true })
    await afterMs(200)
    expect(it.socket().token).toBe('second')
    for (let attempt = 2; attempt < 9; attempt++) {
      it.socket().open()
      it.socket().drop(CloseCode.expired, 'token-expired')
      expect(it.client.state.writable).toBe(false)
      await afterMs(2 ** attempt * 100)
    }
    it.socket().open()
    it.socket().drop(CloseCode.expired, 'token-expired')
    expect(it.client.state.connection).toMatchObject({ name: 'waiting', retryAtMs: Date.now() + 30_000 })
    await afterMs(30_000)
    join(it, 'editor')
    expect(it.client.state.writable).toBe(true)
    it.client.destroy()
  })

  test('[CL101] two wishes for a fresh token lead to one, and then to rest', async () => {
    const auth = tokens('first', 'second')
    const it = await bench({ auth })
    const socket = join(it, 'editor', 10_000)
    socket.receive(frames.wantToken(), frames.wantToken())
    await afterMs(60_000)
    expect(socket.tokensSent).toEqual(['second'])
    expect(auth).toHaveBeenCalledTimes(3)
    it.client.destroy()
  })
})

describe('access that ends', () => {
  test.each([
    [CloseCode.forbidden, 'access-revoked'],
    [CloseCode.forbidden, 'permission-denied'],
    [CloseCode.unauthorized, 'token-invalid'],
  ])('[CL102] %i %s is final: edits stay, nothing more is typed, and nothing is tried', async (code, reason) => {
    const it = await bench({ auth: tokens('first') })
    const socket = join(it, 'editor')
    type(it.client.doc, 'kept')
    socket.drop(code, reason)
    expect(it.client.state).toMatchObject({
      connection: { name: 'stopped', code, reason },
      unsaved: 1,
      writable: false,
    })
    await afterMs(120_000)
    expect(it.sockets).toHaveLength(1)
    expect(it.client.doc.getText('content').toJSON()).toBe('kept')
    it.client.destroy()
  })

  test('[CL103] access that is renewed by hand sends a fresh token, or connects where the client was sent away', async () => {
    const it = await bench({ auth: tokens('first', 'second', 'third') })
    const socket = join(it, 'viewer')
    it.client.renewAccess()
    await settle()
    expect(socket.tokensSent).toEqual(['second'])
    socket.drop(CloseCode.forbidden, 'permission-denied')
    it.client.renewAccess()
    await settle()
    expect(it.socket().token).toBe('third')
    join(it, 'editor')
    expect(it.client.state.writable).toBe(true)
    it.client.disconnect()
    it.client.renewAccess()
    await settle()
    expect(it.sockets).toHaveLength(2)
    it.client.destroy()
  })

  test.each([CloseCode.overloaded, CloseCode.unavailable, CloseCode.tooManyOfUser, CloseCode.tooManyOfDocument])(
    '[CL104] sent away with %i it waits twice as long each time, up to 30 s, and says with which code',
    async (code) => {
      const it = await bench()
      for (let attempt = 1; attempt < 9; attempt++) {
        it.socket().open()
        it.socket().drop(code, 'overloaded')
        expect(it.client.state.connection).toMatchObject({
          name: 'waiting',
          code,
          retryAtMs: Date.now() + 2 ** attempt * 100,
        })
        await afterMs(2 ** attempt * 100)
      }
      it.socket().drop(code)
      expect(it.client.state.connection).toMatchObject({ retryAtMs: Date.now() + 30_000 })
      it.client.destroy()
    },
  )
})
