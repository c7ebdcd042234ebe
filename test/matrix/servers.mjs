/**
 * Servers of other systems as their users run them, storing what clients write: `node servers.mjs NAME FOLDER`.
 *
 * Copied into the folder their packages are installed in. Sends its URL once it listens; ends on SIGTERM.
 */
import { createServer } from 'node:http'
import { join } from 'node:path'

const [name, folder] = process.argv.slice(2)

const SERVERS = {
  async hocuspocus() {
    const { SQLite } = await import('@hocuspocus/extension-sqlite')
    const { Server } = await import('@hocuspocus/server')
    const server = new Server({
      port: 0,
      address: '127.0.0.1',
      quiet: true,
      // It ends the process itself, once everything is stored.
      stopOnSignals: true,
      extensions: [new SQLite({ database: join(folder, 'documents.sqlite') })],
    })
    await server.listen()
    return server.httpServer
  },

  async 'y-websocket'() {
    // Read when its server's code is loaded.
    process.env.YPERSISTENCE = folder
    const { setupWSConnection } = await import('y-websocket/bin/utils')
    const { WebSocketServer } = await import('ws')
    const server = createServer()
    new WebSocketServer({ server }).on('connection', setupWSConnection)
    process.on('SIGTERM', () => process.exit())
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
    return server
  },
}

const server = await SERVERS[name]()
process.send(`http://127.0.0.1:${server.address().port}`)
