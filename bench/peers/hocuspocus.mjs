/**
 * Hocuspocus with its SQLite extension, everything else at its defaults.
 *
 * Usage: node hocuspocus.mjs PORT FOLDER
 */
import { join } from 'node:path'
import { SQLite } from '@hocuspocus/extension-sqlite'
import { Server } from '@hocuspocus/server'

const [, , port, folder] = process.argv
const server = new Server({
  port: Number(port),
  address: '127.0.0.1',
  quiet: true,
  extensions: [new SQLite({ database: join(folder, 'documents.sqlite') })],
})
await server.listen()
