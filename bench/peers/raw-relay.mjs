/**
 * The floor: passes each message on to everybody else at the same path. No CRDT, no storage, no checks.
 *
 * Usage: node raw-relay.mjs PORT
 */
import { WebSocketServer } from 'ws'

const rooms = new Map()
const server = new WebSocketServer({ port: Number(process.argv[2]), host: '127.0.0.1', perMessageDeflate: false })

server.on('connection', (socket, request) => {
  let members = rooms.get(request.url)
  if (members === undefined) rooms.set(request.url, (members = new Set()))
  members.add(socket)
  socket.on('message', (data) => {
    for (const member of members) if (member !== socket) member.send(data, { binary: true })
  })
  socket.on('error', () => socket.terminate())
  socket.on('close', () => {
    members.delete(socket)
    if (members.size === 0) rooms.delete(request.url)
  })
})

process.on('SIGTERM', () => process.exit(0))
