/** Tokens go in by every door, good, bad and too old; none may come out where it can be read. */
import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import { Subprotocol } from '../../shared/protocol.ts'
import type { MadeShareLink } from '../../shared/rest.ts'
import { startServer } from '../../server/app.ts'
import { defaultOptions } from '../../server/config.ts'
import { createLog } from '../../server/log.ts'
import { readServerFile } from '../../server/server-file.ts'
import { token as authMessage } from '../support/hocuspocus.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { mint, tokenOptions } from '../support/tokens.ts'

test('[SP8] no log line, answer or file holds a token, whichever way it came and however it was', async () => {
  const lines: string[] = []
  const answers: string[] = []
  const data = await temporaryFolder()
  const log = createLog('debug', { write: (line) => void lines.push(line) })
  const server = await startServer({ ...defaultOptions, ...tokenOptions, port: 0, data }, log)
  onTestFinished(() => server.close())
  const operatorSecret = (await readServerFile(data))?.secret ?? ''

  const ask = async (path: string, init: RequestInit): Promise<Response> => {
    const response = await fetch(server.url + path, init)
    answers.push(path.includes('/links') && response.ok ? '' : await response.clone().text())
    return response
  }
  const bearer = (token: string): RequestInit => ({ headers: { authorization: `Bearer ${token}` } })
  const owner = await mint({ user: 'ann', role: 'owner', id: 'token-1' })
  const made = await ask('/api/v1/documents/plan/links', {
    ...bearer(owner),
    method: 'POST',
    body: '{"role":"editor"}',
  })
  const link = ((await made.json()) as MadeShareLink).token
  const tokens = [
    owner,
    link,
    await mint({ lifeMs: -60_000 }),
    await mint({ document: 'notes' }),
    await mint({ claims: { aud: 'somebody else' } }),
    `${owner.slice(0, -6)}AAAAAA`,
    `${link.slice(0, -6)}AAAAAA`,
    'eyJhbGciOiJub25lIn0.eyJzdWIiOiJtYWxsb3J5LXRoZS1zcHkifQ.',
    'opaque-and-not-to-be-seen',
  ]
  const closed: Promise<unknown>[] = []
  const dial = (path: string, protocols: string[] = [], headers = {}, say?: Uint8Array): void => {
    const socket = new WebSocket(server.url.replace('http', 'ws') + path, protocols, { headers })
    closed.push(once(socket, 'close'))
    socket.on('open', () => say !== undefined && socket.send(say))
    // Whoever is let in has seen enough with the first message.
    socket.on('message', () => socket.close())
    socket.on('close', (_code, reason) => answers.push(reason.toString()))
  }
  for (const token of tokens) {
    dial(`/ws/plan?weft=1&token=${token}`)
    dial('/ws/plan', [Subprotocol.name, Subprotocol.tokenPrefix + token])
    dial('/ws/plan', [], { authorization: `Bearer ${token}` })
    dial(`/d/plan/ws/plan?token=${token}`)
    dial('/hocuspocus', [], {}, authMessage('plan', token))
    dial(`/hocuspocus?token=${token}`, [], {}, authMessage('plan', ''))
    for (const path of ['/history', '/people', '/links', `/nothing?token=${token}`]) {
      await ask(`/api/v1/documents/plan${path}`, bearer(token))
    }
    await ask('/api/v1/documents', bearer(token))
    await ask(`/d/plan/as-update?token=${token}`, bearer(token))
    await ask('/api/v1/operator/verify', { ...bearer(token), method: 'POST' })
  }
  await ask('/api/v1/operator/revoke', {
    ...bearer(operatorSecret),
    method: 'POST',
    body: '{"kind":"token","id":"token-1"}',
  })
  await Promise.all(closed)
  await server.close()

  const said = [...lines, ...answers].join('\n')
  expect(lines.length).toBeGreaterThan(tokens.length)
  const files = await Promise.all((await readdir(data)).map((name) => readFile(join(data, name), 'latin1')))
  for (const [index, secret] of [...tokens, operatorSecret].entries()) {
    // The part that cannot be made up: a signature or a secret, or all there is.
    const part = secret.slice(-24)
    expect(said.includes(part), `token ${index} in a line or an answer`).toBe(false)
    expect(
      files.some((content) => content.includes(part)),
      `token ${index} in a file`,
    ).toBe(false)
  }
})
