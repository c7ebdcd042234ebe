/** Every way to write that there is, tried with tokens that do not allow it: the document stays as it is. */
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import * as encoding from 'lib0/encoding'
import { describe, expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import * as Y from 'yjs'
import { step1, step2, update } from '../support/messages.ts'
import { runServer, type ServerUnderTest } from '../support/running-server.ts'
import { mint, tokenOptions } from '../support/tokens.ts'

/** An edit that nobody has: a letter in the text. */
function edit(): Uint8Array {
  const doc = new Y.Doc()
  doc.getText('body').insert(0, 'x')
  return Y.encodeStateAsUpdate(doc)
}

/** A message for Hocuspocus: the document, a type, and what follows. */
function keyed(type: number, body: Uint8Array): Uint8Array {
  return encoding.encode((encoder) => {
    encoding.writeVarString(encoder, 'plan')
    encoding.writeVarUint(encoder, type)
    encoding.writeUint8Array(encoder, body)
  })
}

const hocuspocusToken = (token: string): Uint8Array =>
  keyed(
    2,
    encoding.encode((encoder) => {
      encoding.writeVarUint(encoder, 0)
      encoding.writeVarString(encoder, token)
    }),
  )

/** The number that begins a message, behind the key where there is one. */
const typeOf = (message: Uint8Array, isKeyed: boolean): number | undefined => message[isKeyed ? 5 : 0]

interface Way {
  readonly path: string
  /** The type of the message that answers a refused update. */
  readonly answer: number
  readonly open?: (token: string) => readonly Uint8Array[]
  readonly wrap?: (message: Uint8Array) => Uint8Array
}

const asIs = (message: Uint8Array): Uint8Array => message

/** After each change its client asks whether it is saved; the sign of life it gets is an empty update. */
const SOCKETS: Readonly<Record<string, Way>> = {
  'y-websocket': { path: '/ws/plan', answer: 2 },
  'our own': { path: '/ws/plan?weft=1', answer: 123 },
  Hocuspocus: {
    path: '/hocuspocus',
    answer: 8,
    open: (token) => [hocuspocusToken(token)],
    wrap: (message) => keyed(0, message.subarray(1)),
  },
  'y-sweet': { path: '/d/plan/ws/plan', answer: 0 },
}

async function serve(): Promise<ServerUnderTest & { hash(): Promise<string> }> {
  const server = await runServer(tokenOptions)
  const headers = { authorization: `Bearer ${await mint({ user: 'owner', role: 'owner' })}` }
  const written = await fetch(`${server.url}/d/plan/update`, { method: 'POST', headers, body: edit().slice().buffer })
  expect(written.status).toBe(200)
  const hash = async (): Promise<string> => {
    const content = await fetch(`${server.url}/d/plan/as-update`, { headers })
    return createHash('sha256')
      .update(new Uint8Array(await content.arrayBuffer()))
      .digest('hex')
  }
  return { ...server, hash }
}

/** A socket with its messages, opened with a token in a header. */
async function connect(url: string, token: string): Promise<{ socket: WebSocket; messages: Uint8Array[] }> {
  const socket = new WebSocket(url.replace('http', 'ws'), { headers: { authorization: `Bearer ${token}` } })
  const messages: Uint8Array[] = []
  socket.on('message', (data: Buffer) => messages.push(new Uint8Array(data)))
  onTestFinished(() => socket.terminate())
  await once(socket, 'open')
  return { socket, messages }
}

describe.each(['viewer', 'commenter'] as const)('a %s', (role) => {
  test.each(Object.entries(SOCKETS))('[AC3] changes nothing over %s, by update or step 2', async (name, way) => {
    const server = await serve()
    const before = await server.hash()
    const { path, answer, open = () => [], wrap = asIs } = way
    const token = await mint({ role })
    for (const write of [update, step2]) {
      const { socket, messages } = await connect(`${server.url}${path}`, token)
      for (const message of [...open(token), wrap(step1(new Uint8Array([0])))]) socket.send(message)
      while (!messages.some((message) => message.includes(120) || message.length > 8)) await once(socket, 'message')
      messages.length = 0
      socket.send(wrap(write(edit())))
      if (name === 'y-sweet') for (const version of [1, 1]) socket.send(new Uint8Array([102, 1, version]))
      while (!messages.some((message) => typeOf(message, path === '/hocuspocus') === answer))
        await once(socket, 'message')
      expect(messages.some((message) => message[0] === 102)).toBe(false)
      expect(socket.readyState).toBe(WebSocket.OPEN)
    }
    expect(await server.hash()).toBe(before)
  })

  test('[AC3] changes nothing by any request', async () => {
    const server = await serve()
    const before = await server.hash()
    const authorization = `Bearer ${await mint({ role })}`
    const json = { authorization, 'content-type': 'application/json' }
    const documents = `${server.url}/api/v1/documents`
    const requests: readonly [string, RequestInit][] = [
      [`${server.url}/d/plan/update`, { method: 'POST', headers: { authorization }, body: edit().slice().buffer }],
      [`${documents}/plan/restore`, { method: 'POST', headers: json, body: '{"seq": 0}' }],
      [`${documents}/plan/restore`, { method: 'POST', headers: json, body: '{"seq": 0, "dryRun": true}' }],
      [`${documents}/pl%61n/restore`, { method: 'POST', headers: json, body: '{"timeMs": 0}' }],
      [`${server.url}/api/v1/operator/import?document=plan`, { method: 'POST', headers: { authorization }, body: '' }],
      [
        `${server.url}/api/v1/operator/revoke`,
        { method: 'POST', headers: json, body: '{"kind": "user", "id": "owner"}' },
      ],
    ]
    for (const [url, request] of requests)
      expect([url, [401, 403].includes((await fetch(url, request)).status)]).toEqual([url, true])
    const given = await fetch(`${server.url}/doc/plan/auth`, {
      method: 'POST',
      headers: json,
      body: '{"authorization": "full"}',
    })
    expect(await given.json()).toMatchObject({ authorization: 'read-only' })
    expect(await server.hash()).toBe(before)
  })
})

test('[AC2] without a token, or with a bad one, nothing is read or written on any path', async () => {
  const server = await serve()
  const before = await server.hash()
  for (const [token, status, code] of [
    [null, 401, 'token-missing'],
    ['forged', 401, 'token-invalid'],
    [await mint({ lifeMs: -1_000 }), 401, 'token-expired'],
    [await mint({ document: 'notes' }), 403, 'permission-denied'],
  ] as const) {
    const headers: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` }
    for (const [path, method] of [
      ['/d/plan/as-update', 'GET'],
      ['/d/plan/update', 'POST'],
      ['/doc/plan/auth', 'POST'],
      ['/api/v1/documents/plan/history', 'GET'],
    ] as const) {
      const answer = await fetch(`${server.url}${path}`, { method, headers })
      expect([path, answer.status, ((await answer.json()) as { code: string }).code]).toEqual([path, status, code])
    }
    const list = await fetch(`${server.url}/api/v1/documents`, { headers })
    if (status === 403) expect(await list.json()).toEqual({ documents: [] })
    else expect(list.status).toBe(status)
  }
  expect(await server.hash()).toBe(before)
})

test('[AC1] a token comes in a header, as a subprotocol or in the query, and the answer repeats none', async () => {
  const { wsUrl } = await runServer(tokenOptions)
  const token = await mint()
  const closes = async (socket: WebSocket): Promise<unknown> => {
    onTestFinished(() => socket.terminate())
    const [first] = (await Promise.race([once(socket, 'message'), once(socket, 'close')])) as [unknown]
    return typeof first === 'number' ? first : 'let in'
  }
  expect(await closes(new WebSocket(`${wsUrl}/plan`, { headers: { authorization: `Bearer ${token}` } }))).toBe('let in')
  expect(await closes(new WebSocket(`${wsUrl}/plan?token=${token}`))).toBe('let in')
  const offered = new WebSocket(`${wsUrl}/plan`, ['weft', `weft.token.${token}`])
  expect(await closes(offered)).toBe('let in')
  expect(offered.protocol).toBe('weft')
  expect(await closes(new WebSocket(`${wsUrl}/plan`))).toBe(4401)
  expect(await closes(new WebSocket(`${wsUrl}/plan?token=forged`))).toBe(4401)
  expect(await closes(new WebSocket(`${wsUrl}/plan?token=${await mint({ lifeMs: -1_000 })}`))).toBe(4501)
  expect(await closes(new WebSocket(`${wsUrl}/notes?token=${token}`))).toBe(4403)
})

test('[AC6] what was revoked stays so when the server starts again', async () => {
  const first = await runServer(tokenOptions)
  const headers = { authorization: `Bearer ${await mint({ id: 'one' })}` }
  const ask = async (url: string): Promise<number> => (await fetch(`${url}/d/plan/as-update`, { headers })).status
  expect(await ask(first.url)).toBe(200)
  await first.revoke({ kind: 'token', id: 'one' })
  expect(await ask(first.url)).toBe(403)
  await first.close()
  const second = await runServer({ ...tokenOptions, data: first.data })
  expect(await ask(second.url)).toBe(403)
})

test('[AC1] an address that others can reach is open only to tokens, or when that is said', async () => {
  await expect(runServer({ host: '0.0.0.0' })).rejects.toMatchObject({ code: 'invalid-request' })
  await expect(runServer({ ...tokenOptions, jwtSecret: 'short', host: '0.0.0.0' })).rejects.toMatchObject({
    code: 'invalid-request',
  })
  const { url } = await runServer({ ...tokenOptions, host: '0.0.0.0' })
  expect((await fetch(`${url.replace('0.0.0.0', '127.0.0.1')}/d/plan/as-update`)).status).toBe(401)
})
