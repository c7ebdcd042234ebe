import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import * as Y from 'yjs'
import type { Client, Connection } from '../../server/ports/connection.ts'
import { CloseCode } from '../../shared/close-codes.ts'
import { addressFinder, limitKeyOf } from '../../server/transport/client-address.ts'
import { Pace } from '../../server/transport/pace.ts'
import { Spacing } from '../../server/transport/spacing.ts'
import { serveWebSockets } from '../../server/transport/websocket.ts'
import { defaultOptions, type Options } from '../../server/config.ts'
import { frame, Opcode, RawSocket } from '../../trust/hostile/raw-socket.ts'
import { closeOf } from '../support/close-of.ts'
import { step1 } from '../support/messages.ts'
import { quietLog } from '../support/quiet-log.ts'
import { runServer } from '../support/running-server.ts'

const EMPTY_STATE = new Uint8Array([0])

/** A server that believes what this machine says about where clients are. */
async function runBehindProxy(options: Partial<Options> = {}) {
  const server = await runServer({ trustedProxies: '127.0.0.1', ...options })
  const dial = (address: string): WebSocket => {
    const socket = new WebSocket(`${server.wsUrl}/plan`, { headers: { 'x-forwarded-for': address } })
    onTestFinished(() => socket.terminate())
    return socket
  }
  return { ...server, dial }
}

/** Serves clients from afar who are asked for nothing but to be heard: `receive` gets their messages. */
async function serveListeners(options: Partial<Options>, receive: (message: Uint8Array) => void) {
  const server = createServer()
  let left = 0
  const start = (connection: Connection): Client => ({
    receive,
    keepAlive: () => undefined,
    close: (code, reason) => connection.close(code, reason),
    left: () => left++,
  })
  const sockets = serveWebSockets(server, {
    log: quietLog(),
    options: { ...defaultOptions, ...options },
    routes: [{ prefix: '/', prepare: () => Promise.resolve(start) }],
    isAllowedOrigin: () => true,
    addressOf: () => '203.0.113.5',
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    sockets.refuseNew()
    server.close()
  })
  const dial = async (): Promise<RawSocket> => {
    const socket = await RawSocket.open((server.address() as AddressInfo).port)
    onTestFinished(() => socket.destroy())
    socket.upgrade('/')
    await socket.until(() => socket.isUpgraded, 10_000)
    return socket
  }
  return { dial, sockets, left: () => left }
}

/** The same, where messages are told apart, and counted, by their first byte. */
async function countMessages(options: Partial<Options>) {
  const counts = new Map<number, number>()
  const served = await serveListeners(options, ([sender = 0]) => counts.set(sender, (counts.get(sender) ?? 0) + 1))
  /** Resolves when as many messages of `sender` have come. */
  const received = (sender: number, count: number) =>
    vi.waitUntil(() => counts.get(sender) === count, { timeout: 10_000 })
  return { ...served, received }
}

function messages(sender: number, count: number): readonly Uint8Array[] {
  return Array.from({ length: count }, () => Uint8Array.of(sender))
}

describe('limits by address', () => {
  test('[LM1] one connection more than an address may have is closed with 4531; other addresses get in', async () => {
    const { dial } = await runBehindProxy({ maxConnectionsPerAddress: 2 })
    const first = dial('203.0.113.5')
    await Promise.all([once(first, 'message'), once(dial('203.0.113.5'), 'message')])
    expect(await closeOf(dial('203.0.113.5'))).toEqual({
      code: CloseCode.tooManyOfAddress,
      reason: 'too-many-connections-of-address',
    })
    await once(dial('203.0.113.6'), 'message')
    first.close()
    await once(first, 'close')
    await once(dial('203.0.113.5'), 'message')
  })

  test('[LM2] who sends more messages than it may is read no faster than it may, and loses none; others do not wait', async () => {
    const { dial, received } = await countMessages({ maxMessagesPerSecond: 100, messageBurst: 5 })
    const [fast, other] = [await dial(), await dial()]
    const startMs = performance.now()
    // What one read brings is taken to its end, and the next read waits until that is made up for.
    fast.send(...messages(1, 25))
    await received(1, 25)
    fast.send(...messages(1, 1))
    other.send(...messages(2, 5))
    await received(2, 5)
    await received(1, 26)
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(200)
  })

  test('[LM3] who sends more bytes than it may is read no faster than it may, in the middle of a message as well', async () => {
    const { dial, received } = await countMessages({ maxBytesPerSecond: 1_000_000, byteBurst: 1_024 })
    const socket = await dial()
    const startMs = performance.now()
    socket.send(new Uint8Array(300_000).fill(1))
    await received(1, 1)
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(200)
  })

  test('[LM4] pings count as messages', async () => {
    const { dial, received } = await countMessages({ maxMessagesPerSecond: 100, messageBurst: 5 })
    const socket = await dial()
    const startMs = performance.now()
    socket.write(...Array.from({ length: 25 }, () => frame(new Uint8Array(0), { opcode: Opcode.ping })))
    socket.send(...messages(1, 1))
    await received(1, 1)
    socket.send(...messages(1, 1))
    await received(1, 2)
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(200)
  })

  test('[LM4] a ping from afar is answered with what it brought', async () => {
    const { dial } = await runBehindProxy()
    const socket = dial('203.0.113.5')
    await once(socket, 'open')
    socket.ping('here')
    const [pong] = (await once(socket, 'pong')) as [Buffer]
    expect(pong.toString()).toBe('here')
  })

  test('[LM21] what waits for the time of its address is taken to its end before its sender counts as gone', async () => {
    const MESSAGES = 20
    let received = 0
    const { dial, left } = await serveListeners({ messageSharePercent: 50, messageTimeBurstMs: 1 }, () => {
      const startMs = performance.now()
      while (performance.now() - startMs < 2) continue
      received++
    })
    const sockets = [await dial(), await dial()]
    for (const socket of sockets) {
      socket.send(...Array.from({ length: MESSAGES }, () => step1(EMPTY_STATE)))
      socket.write(frame(Uint8Array.of(0x03, 0xe8), { opcode: Opcode.close }))
    }
    await vi.waitUntil(() => left() === sockets.length, { timeout: 10_000 })
    expect(received).toBe(sockets.length * MESSAGES)
  })

  test('[LM20] who is not read is not taken for gone, and its answer to a closing handshake is read', async () => {
    const { dial, received, sockets, left } = await countMessages({
      maxMessagesPerSecond: 20,
      messageBurst: 1,
      keepAliveMs: 100,
      closeTimeoutMs: 60_000,
    })
    const socket = await dial()
    socket.send(...messages(1, 11))
    await received(1, 11)
    socket.send(...messages(1, 1_000))
    await received(1, 1_011)
    sockets.close(CloseCode.restarting, 'shutting-down')
    await socket.until(() => false, 10_000)
    expect(socket.ending).toEqual({ type: 'closed', code: CloseCode.restarting })
    socket.send(...messages(1, 1_000))
    await received(1, 2_011)
    socket.write(frame(Uint8Array.of(0x03, 0xf4), { opcode: Opcode.close }))
    await vi.waitUntil(() => left() === 1, { timeout: 10_000 })
  })

  test('[LM20] also of who goes over its pace only while the connection closes', async () => {
    const { dial, received, sockets, left } = await countMessages({
      maxMessagesPerSecond: 1,
      messageBurst: 100,
      closeTimeoutMs: 60_000,
    })
    const socket = await dial()
    socket.send(...messages(1, 1))
    await received(1, 1)
    sockets.close(CloseCode.restarting, 'shutting-down')
    await socket.until(() => false, 10_000)
    socket.send(...messages(1, 1_000))
    await received(1, 1_001)
    socket.write(frame(Uint8Array.of(0x03, 0xf4), { opcode: Opcode.close }))
    await vi.waitUntil(() => left() === 1, { timeout: 10_000 })
  })

  test('[LM5] programs on this machine are not limited', async () => {
    const { wsUrl } = await runServer({ maxConnectionsPerAddress: 1, maxMessagesPerSecond: 1, messageBurst: 1 })
    for (let count = 0; count < 3; count++) {
      const socket = new WebSocket(`${wsUrl}/plan`)
      onTestFinished(() => socket.terminate())
      await once(socket, 'message')
      for (let message = 0; message < 20; message++) socket.send(step1(EMPTY_STATE))
      socket.ping()
      await once(socket, 'pong')
    }
  })

  test('[LM17] of one connection one message is looked at in a turn of the event loop: nobody waits for a burst', async () => {
    const MESSAGES = 100
    let inTurn = 0
    const seenInTurns: number[] = []
    const { dial } = await serveListeners({}, () => {
      if (inTurn++ > 0) return
      setImmediate(() => {
        seenInTurns.push(inTurn)
        inTurn = 0
      })
    })
    const socket = await dial()
    socket.send(...Array.from({ length: MESSAGES }, () => step1(EMPTY_STATE)))
    await vi.waitUntil(() => seenInTurns.reduce((sum, seen) => sum + seen, 0) === MESSAGES)
    expect(Math.max(...seenInTurns)).toBe(1)
  })

  test('[LM6] a bucket fills at its rate and no higher than its burst; what is overdrawn is waited for', () => {
    const limits = { maxMessagesPerSecond: 10, messageBurst: 2, maxBytesPerSecond: 100, byteBurst: 100 }
    const pace = new Pace(limits, 0)
    const takeMessages = (count: number, atMs: number): number => {
      for (let taken = 0; taken < count; taken++) pace.takeMessage(atMs)
      return pace.waitMs(atMs)
    }
    expect([takeMessages(2, 0), takeMessages(1, 0), takeMessages(3, 0)]).toEqual([0, 100, 400])
    expect([pace.waitMs(300), pace.waitMs(400), pace.waitMs(1_000)]).toEqual([100, 0, 0])
    expect([takeMessages(2, 60_000), takeMessages(1, 60_000)]).toEqual([0, 100])
    const large = new Pace(limits, 0)
    large.takeBytes(100, 0)
    large.takeBytes(50, 500)
    expect(large.waitMs(500)).toBe(0)
    large.takeBytes(1, 500)
    expect(large.waitMs(500)).toBe(10)
  })
})

describe('handshakes', () => {
  test('[LM19] after a burst those of one address wait until its rate allows them; those of others do not', () => {
    const spacing = new Spacing({ maxPerSecond: 100, burst: 2 })
    expect([1, 2, 3, 4].map(() => spacing.waitMs('a', 0))).toEqual([0, 0, 10, 20])
    expect(spacing.waitMs('b', 0)).toBe(0)
    expect(spacing.waitMs('a', 25)).toBe(5)
    expect([1, 2, 3].map(() => spacing.waitMs('a', 1_000))).toEqual([0, 0, 10])
  })

  test('[LM19] a connection that has to wait is let in when its time has come', async () => {
    const { dial } = await runBehindProxy({ maxHandshakesPerSecond: 20, handshakeBurst: 1 })
    const startMs = performance.now()
    await once(dial('203.0.113.5'), 'message')
    await Promise.all([once(dial('203.0.113.5'), 'message'), once(dial('203.0.113.5'), 'message')])
    expect(performance.now() - startMs).toBeGreaterThan(90)
  })
})

describe('requests by address', () => {
  const far = { headers: { 'x-forwarded-for': '203.0.113.5' } }

  test('[LM18] a request that finds as many waiting as may is answered with 429 and when to come back; others are answered', async () => {
    let answer: () => void = () => undefined
    const asked = new Promise<void>((resolve) => (answer = resolve))
    const { url } = await runServer(
      { trustedProxies: '127.0.0.1', maxRequestsAtOnce: 1, maxWaitingRequests: 1, requestSharePercent: 100 },
      { authorize: () => asked.then(() => ({ user: { id: 'ann' }, role: 'editor' as const })) },
    )
    const history = `${url}/api/v1/documents/plan/history`
    const ask = (): Promise<Response> => fetch(history, far)
    const answers = [ask(), ask(), ask()]
    const refused = await Promise.race(answers)
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1'])
    expect(await refused.json()).toMatchObject({ code: 'too-many-requests' })
    expect((await fetch(`${url}/api/v1/documents`, { method: 'POST' })).status).toBe(201)
    answer()
    const statuses = (await Promise.all(answers)).map(({ status }) => status)
    expect(statuses.toSorted((a, b) => a - b)).toEqual([404, 404, 429])
  })

  test('[LM14] what is written over HTTP to documents that do not exist counts as opening them', async () => {
    const { url } = await runServer({ trustedProxies: '127.0.0.1', maxNewDocumentsPerHour: 2 })
    const doc = new Y.Doc()
    doc.getText('body').insert(0, 'x')
    const body = new Uint8Array(Y.encodeStateAsUpdate(doc))
    const statuses: number[] = []
    for (const name of ['a', 'a', 'b', 'c', 'b']) {
      statuses.push((await fetch(`${url}/d/${name}/update`, { method: 'POST', body, ...far })).status)
    }
    expect(statuses).toEqual([200, 200, 200, 429, 200])
    expect((await fetch(`${url}/d/c/update`, { method: 'POST', body })).status).toBe(200)
  })
})

describe('the address of a client', () => {
  test.for([
    ['is the socket’s where no proxy was named', [], '203.0.113.5', '198.51.100.1', '203.0.113.5'],
    ['is what a named proxy says', ['10.0.0.1'], '10.0.0.1', '203.0.113.5', '203.0.113.5'],
    ['is not what somebody else says', ['10.0.0.1'], '203.0.113.9', '127.0.0.1', '203.0.113.9'],
    ['is not what a client told the proxy', ['10.0.0.1'], '10.0.0.1', '127.0.0.1, 203.0.113.5', '203.0.113.5'],
    ['is found behind several proxies', ['10.0.0.0/8'], '10.0.0.1', '1.1.1.1, 203.0.113.5, 10.9.9.9', '203.0.113.5'],
    ['is the proxy’s where it says nonsense', ['10.0.0.1'], '10.0.0.1', 'unknown', '10.0.0.1'],
    ['is IPv4 on a socket for both kinds', ['10.0.0.1'], '::ffff:10.0.0.1', '203.0.113.5', '203.0.113.5'],
    ['is IPv4 on such a socket without a proxy', [], '::ffff:203.0.113.5', '198.51.100.1', '203.0.113.5'],
    ['is found behind a proxy with IPv6', ['fd00::/8'], 'fd00::1', '2001:db8::7', '2001:db8::7'],
  ] as const)('[LM7] %s', ([, proxies, remote, forwardedFor, expected]) => {
    expect(addressFinder(proxies)(remote, forwardedFor)).toBe(expected)
  })

  test('[LM8] what is neither address nor range cannot be trusted: the server does not start', async () => {
    for (const trustedProxies of ['proxy.example', '10.0.0.0/99', '*']) {
      await expect(runServer({ trustedProxies })).rejects.toMatchObject({ code: 'invalid-request' })
    }
  })

  test('[LM9] limits count a whole IPv6 /64 as one', () => {
    expect(limitKeyOf('2001:db8:1:2:aaaa::1')).toBe(limitKeyOf('2001:db8:1:2:3:4:5:6'))
    expect(limitKeyOf('2001:db8::1')).toBe('2001:db8:0:0::/64')
    expect(limitKeyOf('2001:db8:1::a:b:c:d')).toBe('2001:db8:1:0::/64')
    expect(limitKeyOf('2001:db8:1:3::1')).not.toBe(limitKeyOf('2001:db8:1:2::1'))
    expect(limitKeyOf('203.0.113.5')).toBe('203.0.113.5')
    expect([limitKeyOf('127.0.0.1'), limitKeyOf('::1'), limitKeyOf('')]).toEqual([null, null, null])
  })
})

test('[LM10] a request that comes a letter at a time is ended; others are answered meanwhile', async () => {
  const { url } = await runServer({ headersTimeoutMs: 100, requestTimeoutMs: 150 })
  const trickle = (text: string) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    onTestFinished(() => void socket.destroy())
    socket.resume().write(text)
    return once(socket, 'close')
  }
  const slow = [
    trickle('GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: '),
    trickle('POST /doc/new HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{'),
  ]
  expect((await fetch(`${url}/healthz`)).status).toBe(200)
  await Promise.all(slow)
})
