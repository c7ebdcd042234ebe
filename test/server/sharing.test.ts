import { on, once } from 'node:events'
import { describe, expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import { CloseCode } from '../../shared/close-codes.ts'
import { parseLinkToken } from '../../shared/link-token.ts'
import { Subprotocol, SyncType } from '../../shared/protocol.ts'
import type { AuditEntry, MadeShareLink, NewShareLink, People, ShareLink, ShareLinks } from '../../shared/rest.ts'
import type { Options } from '../../server/config.ts'
import { readServerFile } from '../../server/server-file.ts'
import { closeOf } from '../support/close-of.ts'
import { update } from '../support/messages.ts'
import { runServer } from '../support/running-server.ts'
import { mint, tokenOptions } from '../support/tokens.ts'

/** A server with access control, and the means to ask it as somebody. */
async function runShared(options: Partial<Options> = {}) {
  const server = await runServer({ ...tokenOptions, ...options })
  const owner = await mint({ user: 'ann', name: 'Ann', role: 'owner' })
  const base = `${server.url}/api/v1/documents/plan`
  const ask = async <T>(method: string, path: string, token: string, body?: object): Promise<[number, T]> => {
    const response = await fetch(base + path, {
      method,
      headers: { authorization: `Bearer ${token}` },
      body: body === undefined ? null : JSON.stringify(body),
    })
    const text = await response.text()
    return [response.status, (text === '' ? null : JSON.parse(text)) as T]
  }
  const make = async (link: NewShareLink): Promise<MadeShareLink> =>
    (await ask<MadeShareLink>('POST', '/links', owner, link))[1]
  const dial = (token: string, params = ''): WebSocket => {
    const socket = new WebSocket(`${server.wsUrl}/plan${params}`, [Subprotocol.name, Subprotocol.tokenPrefix + token])
    onTestFinished(() => socket.terminate())
    return socket
  }
  return { ...server, owner, ask, make, dial }
}

describe('sharing', () => {
  test('[SH1] an owner makes a link, and its address opens the document with the role it gives', async () => {
    const { make, dial, ask, owner, url } = await runShared()
    const made = await make({ role: 'viewer', label: 'Board', expiresAtMs: null })
    expect(made.link).toMatchObject({ role: 'viewer', label: 'Board', createdBy: 'Ann', expiresAtMs: null })
    expect(made.url).toBe(`${url}/edit/plan#link=${made.token}`)
    await once(dial(made.token), 'message')
    expect(await ask<ShareLinks>('GET', '/links', owner)).toEqual([200, { links: [made.link] }])
    expect((await ask('GET', '/history', made.token))[0]).toBe(404)
    expect((await ask('POST', '/restore', made.token, { seq: 0 }))[0]).toBe(403)
  })

  test('[SH2] a link that is revoked sends whoever came by it away at once, and lets nobody in again', async () => {
    const { make, dial, ask, owner } = await runShared()
    const [bad, good] = [await make({ role: 'editor' }), await make({ role: 'editor' })]
    const [out, stays] = [dial(bad.token), dial(good.token)]
    await Promise.all([once(out, 'message'), once(stays, 'message')])
    const closed = closeOf(out)
    expect((await ask('DELETE', `/links/${bad.link.id}`, owner))[0]).toBe(204)
    expect(await closed).toEqual({ code: CloseCode.forbidden, reason: 'access-revoked' })
    expect(await closeOf(dial(bad.token))).toEqual({ code: CloseCode.forbidden, reason: 'access-revoked' })
    expect(stays.readyState).toBe(WebSocket.OPEN)
    expect((await ask('DELETE', `/links/${bad.link.id}`, owner))[0]).toBe(404)
  })

  test('[SH3] a link whose role is changed changes what whoever came by it may do, while they are here', async () => {
    const { make, dial, ask, owner } = await runShared()
    const { link, token } = await make({ role: 'editor' })
    const socket = dial(token, '?weft=1')
    await once(socket, 'message')
    const told = new Promise<string>((resolve) => {
      socket.on('message', (data: Buffer) => {
        if (data.includes('"changed"')) resolve(data.toString())
      })
    })
    const [status, changed] = await ask<ShareLink>('PATCH', `/links/${link.id}`, owner, { role: 'viewer' })
    expect([status, changed]).toEqual([200, { ...link, role: 'viewer' }])
    expect(await told).toContain('"role":"viewer"')
  })

  test('[SH4] only owners see or change links and people, by token or by link', async () => {
    const { make, ask } = await runShared()
    const { link } = await make({ role: 'viewer' })
    const tokens = [
      await mint({ role: 'editor' }),
      await mint({ role: 'viewer' }),
      (await make({ role: 'commenter' })).token,
      await mint({ role: 'owner', document: 'notes' }),
    ]
    for (const token of tokens) {
      for (const [method, path, body] of [
        ['GET', '/links'],
        ['POST', '/links', { role: 'owner' }],
        ['PATCH', `/links/${link.id}`, { role: 'owner' }],
        ['DELETE', `/links/${link.id}`],
        ['GET', '/people'],
      ] as const) {
        expect((await ask(method, path, token, body))[0], `${method} ${path}`).toBe(403)
      }
    }
    const byLink = await make({ role: 'owner' })
    expect((await ask('GET', '/people', byLink.token))[0]).toBe(200)
  })

  test('[SH5] what is no role, no time or no label is refused', async () => {
    const { ask, owner } = await runShared()
    const wrong = [
      {},
      { role: 'admin' },
      { role: 'viewer', label: 'x'.repeat(129) },
      { role: 'viewer', expiresAtMs: '2027' },
      { role: 'viewer', expiresAtMs: -1 },
      { role: 'viewer', document: 'notes' },
    ]
    for (const body of wrong) {
      expect(await ask('POST', '/links', owner, body)).toMatchObject([400, { code: 'invalid-request' }])
    }
  })

  test('[SH6] owners see who is here and who was, with their role and how they came; not who came by a revoked link', async () => {
    const { make, dial, ask, owner } = await runShared()
    const [kept, gone] = [await make({ role: 'commenter' }), await make({ role: 'editor' })]
    await once(dial(await mint({ user: 'bob', name: 'Bob', role: 'editor' })), 'message')
    await once(dial(kept.token, '?user=v1&name=Cy'), 'message')
    await once(dial(gone.token, '?user=v2&name=Dee'), 'message')
    await ask('DELETE', `/links/${gone.link.id}`, owner)
    await expect
      .poll(async () => (await ask<People>('GET', '/people', owner))[1].people.map(({ name }) => name).sort())
      .toEqual(['Ann', 'Bob', 'Cy (guest)'])
    const [, { people }] = await ask<People>('GET', '/people', owner)
    expect(people.find(({ name }) => name === 'Bob')).toMatchObject({
      user: 'bob',
      role: 'editor',
      by: 'token',
      link: null,
    })
    expect(people.find(({ name }) => name === 'Cy (guest)')).toMatchObject({
      user: `guest:${kept.link.id}:v1`,
      role: 'commenter',
      by: 'link',
      link: kept.link.id,
    })
  })

  test('[SH7] without access control everybody is an owner, and links work', async () => {
    const { url, wsUrl } = await runServer()
    const response = await fetch(`${url}/api/v1/documents/plan/links`, { method: 'POST', body: '{"role":"viewer"}' })
    const { token, link } = (await response.json()) as MadeShareLink
    expect([response.status, parseLinkToken(token)?.id]).toEqual([201, link.id])
    const socket = new WebSocket(`${wsUrl}/plan?weft=1&token=${token}`)
    onTestFinished(() => socket.terminate())
    const [first] = (await once(socket, 'message')) as [Buffer]
    expect(first.toString()).toContain('"role":"viewer"')
  })

  test('[AU12] the audit log tells who was let in and who was not, what was refused, and who shared what', async () => {
    const { make, dial, ask, owner, url, data } = await runShared()
    const { link, token } = await make({ role: 'viewer', label: 'Board' })
    await once(dial(token, '?user=v1&name=Cy'), 'message')
    expect(await closeOf(dial(`wl_${'A'.repeat(55)}`))).toEqual({
      code: CloseCode.unauthorized,
      reason: 'token-invalid',
    })
    await ask('DELETE', `/links/${link.id}`, owner)
    const secret = (await readServerFile(data))?.secret ?? ''
    const entries = async (query: object): Promise<readonly AuditEntry[]> => {
      const response = await fetch(`${url}/api/v1/operator/audit`, {
        method: 'POST',
        headers: { authorization: `Bearer ${secret}` },
        body: JSON.stringify({ limit: 100, ...query }),
      })
      return ((await response.json()) as { entries: readonly AuditEntry[] }).entries
    }
    await expect
      .poll(async () => (await entries({ document: 'plan' })).map(({ action }) => action).sort())
      .toEqual(['access-denied', 'access-denied', 'access-granted', 'access-granted', 'link-made', 'link-revoked'])
    const made = (await entries({ user: 'ann' })).find(({ action }) => action === 'link-made')
    expect(made).toMatchObject({ name: 'Ann', address: '127.0.0.1', detail: { link: link.id, role: 'viewer' } })
    expect(JSON.stringify(await entries({}))).not.toContain(token.slice(15))
    expect((await fetch(`${url}/api/v1/operator/audit`, { method: 'POST', body: '{"limit":1}' })).status).toBe(401)
  })
})

describe('limits by user and document', () => {
  const far = { 'x-forwarded-for': '203.0.113.5' }

  async function runLimited(options: Partial<Options>) {
    const { wsUrl } = await runServer({ ...tokenOptions, trustedProxies: '127.0.0.1', ...options })
    return async (user: string, document = 'plan', address = '203.0.113.5'): Promise<WebSocket> => {
      const token = await mint({ user, document })
      const socket = new WebSocket(`${wsUrl}/${document}?token=${token}`, {
        headers: { 'x-forwarded-for': address },
      })
      onTestFinished(() => socket.terminate())
      return socket
    }
  }

  test('[LM12] a user with as many connections as may be gets no more, with 4532; others do, and so do they later', async () => {
    const dial = await runLimited({ maxConnectionsPerUser: 2 })
    const first = await dial('ann')
    await Promise.all([once(first, 'message'), once(await dial('ann', 'notes'), 'message')])
    expect(await closeOf(await dial('ann'))).toEqual({
      code: CloseCode.tooManyOfUser,
      reason: 'too-many-connections-of-user',
    })
    await once(await dial('bob'), 'message')
    first.close()
    await once(first, 'close')
    await once(await dial('ann'), 'message')
  })

  test('[LM13] a document with as many connections as may be takes no more, with 4533; others do, and so does it later', async () => {
    const dial = await runLimited({ maxConnectionsPerDocument: 2, maxConnectionsPerUser: 1 })
    const first = await dial('ann')
    await once(first, 'message')
    // Who is refused for another reason is not counted.
    expect((await closeOf(await dial('ann'))).code).toBe(CloseCode.tooManyOfUser)
    await once(await dial('bob'), 'message')
    expect(await closeOf(await dial('cy'))).toEqual({
      code: CloseCode.tooManyOfDocument,
      reason: 'too-many-connections-of-document',
    })
    await once(await dial('cy', 'notes'), 'message')
    first.close()
    await once(first, 'close')
    await once(await dial('dee'), 'message')
  })

  test('[LM14] an address that opened as many new documents as may be opens no more, with 4535; others do, and written ones are not new', async () => {
    const dial = await runLimited({ maxNewDocumentsPerHour: 2 })
    const writer = await dial('ann', 'a')
    await once(writer, 'message')
    writer.send(update(new Uint8Array([1, 1, 1, 0, 4, 1, 1, 116, 1, 97, 0])))
    // What is shown is on disk.
    for await (const [message] of on(writer, 'message') as AsyncIterable<[Buffer]>) {
      if (message[1] === SyncType.update) break
    }
    await once(await dial('ann', 'b'), 'message')
    expect(await closeOf(await dial('ann', 'c'))).toEqual({
      code: CloseCode.tooManyNewDocuments,
      reason: 'too-many-new-documents',
    })
    await once(await dial('ann', 'a'), 'message')
    await once(await dial('ann', 'c', '203.0.113.6'), 'message')
  })

  test('[LM15] an address that brought too many bad tokens is closed with 4534', async () => {
    const { wsUrl } = await runServer({ ...tokenOptions, trustedProxies: '127.0.0.1', maxFailedTokensPerMinute: 3 })
    const closes: number[] = []
    for (let count = 0; count < 5; count++) {
      const socket = new WebSocket(`${wsUrl}/plan?token=bad`, { headers: far })
      onTestFinished(() => socket.terminate())
      closes.push((await closeOf(socket)).code)
    }
    expect(closes).toEqual([4401, 4401, 4401, CloseCode.tooManyFailures, CloseCode.tooManyFailures])
  })
})
