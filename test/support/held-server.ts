/** A server in this process whose commits happen when the test says so. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { onTestFinished } from 'vitest'
import { routesTo } from '../../server/network.ts'
import { defaultOptions } from '../../server/config.ts'
import { allowBy } from '../../server/http/allow.ts'
import { ySweetRoutes } from '../../server/http/y-sweet.ts'
import { serveWebSockets } from '../../server/transport/websocket.ts'
import { accessBy } from './access.ts'
import type { RoomsBench } from './rooms.ts'

/** Serves a bench's rooms on a free port; its commits are released by the test. */
export async function serveRooms({ rooms, store, log }: RoomsBench): Promise<string> {
  const access = accessBy()
  const allow = allowBy(access, () => '')
  const mayOpen = (): Promise<void> => Promise.resolve()
  const app = ySweetRoutes({ rooms, store, publicUrl: '', maxUpdateBytes: 1_000, allow, mayOpen })
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
