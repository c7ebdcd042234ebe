import { on, once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import { visitOf } from '../../server/transport/visit.ts'
import { CloseCode } from '../../shared/close-codes.ts'
import { ClientParam } from '../../shared/protocol.ts'
import { awareness, bodies, presenceIn, queryAwareness, read, step1, update } from '../support/messages.ts'
import { runServer } from '../support/running-server.ts'

function dial(url: string, headers: Record<string, string> = {}): WebSocket {
  const socket = new WebSocket(url, { headers })
  inboxes.set(socket, on(socket, 'message'))
  onTestFinished(() => socket.terminate())
  return socket
}

async function closeCode(socket: WebSocket): Promise<number> {
  const [code] = (await once(socket, 'close')) as [number]
  return code
}

/** Messages that came while nobody waited for one. */
const inboxes = new WeakMap<WebSocket, ReturnType<typeof on>>()

async function nextMessage(socket: WebSocket): Promise<Uint8Array> {
  const inbox = inboxes.get(socket)
  if (inbox === undefined) throw new Error('The socket was not made by dial().')
  const { value } = (await inbox.next()) as IteratorYieldResult<[Buffer]>
  return value[0]
}

describe('connecting', () => {
  test('[WS1] the path names the document: slashes, blanks and any script', async () => {
    const { wsUrl, url } = await runServer()
    const name = 'pläne/2027 Q1/日本語'
    const socket = dial(`${wsUrl}/${encodeURI(name)}`)
    await nextMessage(socket)
    socket.send(update(new Uint8Array([1, 1, 5, 0, 4, 1, 1, 116, 1, 97, 0])))
    socket.send(step1(new Uint8Array([0])))
    while (read(await nextMessage(socket)).type !== 'update');
    const { documents } = (await (await fetch(`${url}/api/v1/documents`)).json()) as {
      documents: { document: string }[]
    }
    expect(documents.map(({ document }) => document)).toEqual([name])
  })

  test('[WS1] a name that is none is refused after the handshake, for good', async () => {
    const { wsUrl } = await runServer()
    for (const name of ['%20', 'a%00b', '%zz', 'x'.repeat(600), '']) {
      expect(await closeCode(dial(`${wsUrl}/${name}`)), name).toBe(CloseCode.invalidDocument)
    }
  })

  test('[WS2] pages of other origins are refused unless the operator named them', async () => {
    const { wsUrl } = await runServer({ origins: 'https://friend.example' })
    const refused = dial(`${wsUrl}/plan`, { origin: 'https://evil.example' })
    const [error] = (await once(refused, 'error')) as [Error]
    expect(error.message).toContain('403')
    for (const origin of ['https://friend.example', 'http://localhost:8080', 'http://127.0.0.1:1']) {
      expect(read(await nextMessage(dial(`${wsUrl}/plan`, { origin }))).type).toBe('step1')
    }
  })

  test('[WS2] a name that was pointed at this machine does not make a page one of ours', async () => {
    const { wsUrl } = await runServer()
    const refused = dial(`${wsUrl}/plan`, { origin: 'http://evil.example', host: 'evil.example' })
    const [error] = (await once(refused, 'error')) as [Error]
    expect(error.message).toContain('403')
  })

  test('[WS3] text, and messages over the limit, close their sender with a final code', async () => {
    const { wsUrl } = await runServer({ maxFrameBytes: 1_024 })
    const [texter, shouter, bystander] = [dial(`${wsUrl}/a`), dial(`${wsUrl}/a`), dial(`${wsUrl}/a`)]
    await Promise.all([nextMessage(texter), nextMessage(shouter), nextMessage(bystander)])
    texter.send('hello')
    expect(await closeCode(texter)).toBe(CloseCode.malformed)
    shouter.send(new Uint8Array(1_025))
    expect(await closeCode(shouter)).toBe(CloseCode.tooLarge)
    bystander.send(step1(new Uint8Array([0])))
    expect(read(await nextMessage(bystander)).type).toBe('step2')
  })

  test('[WS4] connections hear something now and then, and dead ones are dropped', async () => {
    const { wsUrl } = await runServer({ keepAliveMs: 100 })
    const [alive, mute] = [dial(`${wsUrl}/plan`), dial(`${wsUrl}/plan`)]
    await Promise.all([nextMessage(alive), nextMessage(mute)])
    expect(read(await nextMessage(alive))).toEqual({ type: 'update', body: new Uint8Array([0, 0]) })
    mute.send(awareness(7, 1, { user: 'mute' }))
    // Reads nothing more, so it answers no ping.
    mute.pause()
    const seen: unknown[] = []
    while (!seen.includes(null)) {
      for (const body of bodies([await nextMessage(alive)], 'awareness')) seen.push(presenceIn(body).get(7))
    }
    expect(seen).toEqual([{ user: 'mute' }, null])
  })

  test('[KS5] somebody who asks on and on and does not read is sent away to come back', async () => {
    const { wsUrl } = await runServer({ behindBytes: 2 ** 40, maxUnreadBytes: 1_000_000 })
    const [reader, mute] = [dial(`${wsUrl}/plan`), dial(`${wsUrl}/plan`)]
    await Promise.all([nextMessage(reader), nextMessage(mute)])
    reader.send(awareness(7, 1, { text: 'x'.repeat(16_000) }))
    await nextMessage(mute)
    mute.pause()
    // Of what is not read the sockets of both ends take some megabytes.
    for (let asked = 0; asked < 2_000; asked++) mute.send(queryAwareness)
    mute.send(awareness(8, 1, { user: 'mute' }))
    let seen: unknown
    while (seen === undefined) {
      for (const body of bodies([await nextMessage(reader)], 'awareness')) seen ??= presenceIn(body).get(8)
    }
    const closed = closeCode(mute)
    mute.resume()
    expect(await closed).toBe(CloseCode.tooSlow)
  })

  test('[WS5] a stopping server sends everybody away to come back', async () => {
    const { wsUrl, close } = await runServer()
    const socket = dial(`${wsUrl}/plan`)
    await nextMessage(socket)
    const closed = closeCode(socket)
    await close()
    expect(await closed).toBe(CloseCode.restarting)
  })

  test('[WS6] what is no WebSocket handshake ends that connection and nothing else', async () => {
    const { url, wsUrl } = await runServer()
    const port = Number(new URL(url).port)
    for (const request of [
      'GET /ws/plan HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n',
      'GET /nowhere HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
      'GET /ws/plan HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\r\n',
    ]) {
      const socket = connect(port, '127.0.0.1')
      socket.end(request)
      const [answer] = (await once(socket, 'data')) as [Buffer]
      expect(answer.toString()).toMatch(/^HTTP\/1\.1 4\d\d /)
    }
    const reset = connect(port, '127.0.0.1')
    reset.write('GET /ws/plan HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
    reset.resetAndDestroy()
    expect(read(await nextMessage(dial(`${wsUrl}/plan`))).type).toBe('step1')
  })
})

test('[WS7] a name that is too long is not cut in the middle of a character', () => {
  const params = new URLSearchParams({ [ClientParam.name]: `${'x'.repeat(127)}😀` })
  const request = { headers: {} } as IncomingMessage
  expect(visitOf(request, '203.0.113.5', params).claimed.name).toBe(`${'x'.repeat(127)}\uFFFD`)
})
