/** The clients' own signs that something is unsaved, over a store whose commits are held back. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import { getRequestListener } from '@hono/node-server'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { routesTo } from '../../server/app.ts'
import { defaultOptions } from '../../server/config.ts'
import { allowBy } from '../../server/http/allow.ts'
import { ySweetRoutes } from '../../server/http/y-sweet.ts'
import { serveWebSockets } from '../../server/transport/websocket.ts'
import { accessBy } from '../support/access.ts'
import { families, type RemoteFamily, startFamily } from '../support/matrix.ts'
import { openRooms, type RoomsBench } from '../support/rooms.ts'

/** Serves a bench's rooms on a free port; its commits are released by the test. */
async function serve({ rooms, store, log }: RoomsBench): Promise<string> {
  const access = accessBy()
  const allow = allowBy(access, () => '')
  const app = ySweetRoutes({ rooms, store, publicUrl: '', maxUpdateBytes: 1_000, allow })
  const listener = getRequestListener(app.fetch)
  const server = createServer((request, response) => void listener(request, response))
  const webSockets = serveWebSockets(server, {
    log,
    options: defaultOptions,
    routes: routesTo(rooms, access, defaultOptions, log),
    isAllowedOrigin: () => true,
    addressOf: () => '127.0.0.1',
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    webSockets.refuseNew()
    webSockets.close(1012, 'restarting')
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const withSigns = families.filter(
  ({ packageName }) => !packageName.endsWith('/websocket') && packageName !== 'y-websocket',
)

describe.each(withSigns)('$name', (family) => {
  let clients: RemoteFamily
  beforeAll(async () => {
    clients = await startFamily(family)
  }, 300_000)
  afterAll(() => clients.stop())

  const saved = (is: boolean): Promise<void> =>
    vi.waitFor(async () => expect(await clients.isSaved('ann')).toBe(is), { timeout: 20_000, interval: 10 })

  test('[CM4] says that all is saved only after the commit', async () => {
    const bench = await openRooms()
    await clients.open('ann', await serve(bench), 'plan')
    await saved(true)
    for (const letter of ['a', 'b', 'c']) {
      await clients.insert('ann', 0, letter)
      await vi.waitFor(() => expect(bench.store.held.length).toBe(1), { timeout: 20_000, interval: 10 })
      expect(await clients.isSaved('ann')).toBe(false)
      await bench.store.release()
      await saved(true)
    }
    await clients.close('ann')
  })

  test('[CM4] edits made offline count as unsaved until their commit, and so does what is typed meanwhile', async () => {
    const bench = await openRooms()
    await clients.open('ann', await serve(bench), 'plan')
    await saved(true)
    await clients.cut('ann')
    for (const letter of ['a', 'b', 'c']) await clients.insert('ann', 0, letter)
    await clients.mend('ann')
    await vi.waitFor(() => expect(bench.store.held.length).toBe(1), { timeout: 20_000, interval: 10 })
    expect(await clients.isSaved('ann')).toBe(false)
    // Typed while the offline edits are being written; it joins the next commit.
    await clients.insert('ann', 0, 'd')
    await bench.store.release()
    await vi.waitFor(() => expect(bench.store.held.length).toBe(1), { timeout: 20_000, interval: 10 })
    expect(await clients.isSaved('ann')).toBe(false)
    await bench.store.release()
    await saved(true)
    await clients.close('ann')
  })
})
