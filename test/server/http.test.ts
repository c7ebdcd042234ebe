import { mkdtemp, rm, stat } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import { WebsocketProvider } from 'y-websocket'
import * as Y from 'yjs'
import { startServer } from '../../server/app.ts'
import { defaultOptions } from '../../server/config.ts'
import { readServerFile } from '../../server/server-file.ts'
import type { Problem, RestoreResult, TimelineEntry } from '../../shared/rest.ts'
import { quietLog } from '../support/quiet-log.ts'
import { runServer, type ServerUnderTest } from '../support/running-server.ts'

/** A document with a stock client on it that is in step with the server. */
async function open({ wsUrl }: ServerUnderTest, name: string): Promise<Y.Doc> {
  const doc = new Y.Doc()
  const provider = new WebsocketProvider(wsUrl, name, doc, {
    // The package's types want the browser's class; the one of `ws` is made to stand in for it.
    WebSocketPolyfill: WebSocket as unknown as typeof globalThis.WebSocket,
    disableBc: true,
  })
  onTestFinished(() => provider.destroy())
  await new Promise((resolve) => provider.once('sync', resolve))
  return doc
}

/** Resolves when a second stock client sees `text`. */
async function shownToOthers(server: ServerUnderTest, name: string, text: string): Promise<void> {
  const reader = await open(server, name)
  if (reader.getText('t').toString() === text) return
  await new Promise<void>((resolve) => {
    reader.on('update', () => {
      if (reader.getText('t').toString() === text) resolve()
    })
  })
}

async function post<Answer>(
  url: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<[number, Answer]> {
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(body), headers })
  return [response.status, (await response.json()) as Answer]
}

test('[RE1] restoring a moment is a new edit that open editors get', async () => {
  const server = await runServer()
  const doc = await open(server, 'a/b c')
  doc.getText('t').insert(0, 'good')
  await shownToOthers(server, 'a/b c', 'good')
  doc.getText('t').delete(0, 4)
  doc.getText('t').insert(0, 'vandalised')
  await shownToOthers(server, 'a/b c', 'vandalised')

  const base = `${server.url}/api/v1/documents/${encodeURIComponent('a/b c')}`
  const restored = new Promise<void>((resolve) => doc.on('update', () => resolve()))
  const [status, result] = await post<RestoreResult>(`${base}/restore`, { seq: 1, name: 'Operator' })
  expect([status, result]).toMatchObject([200, { restoredSeq: 1, newSeq: 4, changedRoots: ['t'] }])
  await restored
  expect(doc.getText('t').toString()).toBe('good')

  const { entries } = (await (await fetch(`${base}/history`)).json()) as { entries: TimelineEntry[] }
  expect(entries[0]).toMatchObject({ fromSeq: 4, toSeq: 4, name: 'Operator' })
})

test('[RE2] a dry run says what would change and changes nothing', async () => {
  const server = await runServer()
  const doc = await open(server, 'plan')
  doc.getMap('m').set('k', 1)
  doc.getText('t').insert(0, 'x')
  await shownToOthers(server, 'plan', 'x')
  const url = `${server.url}/api/v1/documents/plan/restore`
  const [, result] = await post<RestoreResult>(url, { seq: 0, dryRun: true })
  expect(result.newSeq).toBeNull()
  expect([...result.changedRoots].sort()).toEqual(['m', 't'])
  const [, again] = await post<RestoreResult>(url, { seq: 2 })
  expect(again).toMatchObject({ newSeq: null, bytes: 0, changedRoots: [] })
})

test('[RE3] what cannot be restored is answered with a problem that says why', async () => {
  const { url } = await runServer()
  const base = `${url}/api/v1/documents`
  expect(await post<Problem>(`${base}/nothing/restore`, { seq: 1 })).toMatchObject([404, { code: 'not-found' }])
  expect(await post<Problem>(`${base}/nothing/restore`, { at: 1 })).toMatchObject([400, { code: 'invalid-request' }])
  expect(await post<Problem>(`${base}/%20/restore`, { seq: 1 })).toMatchObject([400, { code: 'invalid-document-id' }])
})

test('[OP1] the operator routes need the secret from the data folder, which others cannot read', async () => {
  const { url, data } = await runServer()
  const folder = await mkdtemp(join(tmpdir(), 'weft-backup-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const body = { file: join(folder, 'copy.db') }
  const refused = await fetch(`${url}/api/v1/operator/backup`, { method: 'POST', body: JSON.stringify(body) })
  expect(refused.status).toBe(401)
  const secret = (await readServerFile(data))?.secret ?? ''
  expect((await stat(join(data, 'server.json'))).mode & 0o777).toBe(0o600)
  const [status] = await post(`${url}/api/v1/operator/backup`, body, { authorization: `Bearer ${secret}` })
  expect(status).toBe(200)
  expect((await stat(body.file)).size).toBeGreaterThan(0)
})

test('[OP2] health tells a supervisor that the process lives and that the store takes writes', async () => {
  const { url } = await runServer()
  expect((await fetch(`${url}/healthz`)).status).toBe(200)
  expect(await (await fetch(`${url}/readyz`)).json()).toEqual({ status: 'ready' })
})

test('[OP3] an address that others reach is refused unless that is said to be meant', async () => {
  const options = { ...defaultOptions, host: '0.0.0.0', port: 0, data: join(tmpdir(), 'weft-never-made') }
  await expect(startServer(options, quietLog())).rejects.toMatchObject({ code: 'invalid-request' })
  await expect(stat(options.data)).rejects.toThrow('ENOENT')
})

test('[OP4] a second server on the same folder is refused', async () => {
  const { data } = await runServer()
  const second = startServer({ ...defaultOptions, port: 0, data }, quietLog())
  await expect(second).rejects.toMatchObject({ code: 'storage-locked' })
})

test('[PG1] pages forbid scripts and styles that are not ours, and foreign pages may load the element', async () => {
  const { url } = await runServer()
  const page = await fetch(`${url}/edit/some/thing`)
  expect(page.status).toBe(200)
  expect(page.headers.get('content-security-policy')).toContain("script-src 'self'; style-src 'self'")
  const script = await fetch(`${url}/weft-editor.js`)
  expect(script.headers.get('access-control-allow-origin')).toBe('*')
  expect(script.headers.get('content-type')).toContain('javascript')
})

/** The status of a request with headers that `fetch` does not let a caller set. */
function statusOf(url: string, method: string, headers: Record<string, string>): Promise<number | undefined> {
  return new Promise((resolve) => {
    request(url, { method, headers }, ({ statusCode }) => resolve(statusCode)).end()
  })
}

test('[PG2] pages of foreign origins may not use the API', async () => {
  const { url } = await runServer()
  expect(await statusOf(`${url}/api/v1/documents`, 'POST', { origin: 'https://evil.example' })).toBe(403)
  expect(await statusOf(`${url}/api/v1/documents`, 'POST', { origin: 'http://localhost:9' })).toBe(201)
})

test('[PG3] a name that somebody else pointed at this machine does not open the API', async () => {
  const { url } = await runServer({ origins: 'https://docs.example' })
  expect(await statusOf(`${url}/api/v1/documents`, 'GET', { host: 'evil.example' })).toBe(403)
  for (const host of ['localhost:4321', '127.0.0.1', '[::1]:80', 'docs.example']) {
    expect(await statusOf(`${url}/api/v1/documents`, 'GET', { host }), host).toBe(200)
  }
})
