/** The thread of a `Watch`: undisturbed by what the other clients of its process do. */
import { setTimeout as sleep } from 'node:timers/promises'
import { parentPort as parent, workerData } from 'node:worker_threads'
import { mainThreadMs } from '../proc.ts'
import { join } from './bytes.ts'
import { RawSocket } from './raw-socket.ts'
import { sync, wireAt } from './wires.ts'
import type { Watched } from './watch.ts'

const DOCUMENT = 'watched'
const PAUSE_MS = 2
const PATIENCE_MS = 60_000

const { port, pid, path, wire: name } = workerData as Watched
const wire = wireAt({ [name]: () => path }, name)
if (wire === null || parent === null) throw new Error('A watch is a thread that is told a dialect.')

const question = sync(wire, DOCUMENT, 0, join(0))
let longestMs = 0

const socket = await RawSocket.open(port)
socket.upgrade(path)
await socket.until(() => socket.isUpgraded, PATIENCE_MS)
socket.send(...wire.greeting(DOCUMENT))
await ask()
longestMs = 0
parent.postMessage('ready', [])
parent.on('message', () => {
  parent?.postMessage(longestMs, [])
  longestMs = 0
})

while (socket.ending === null) {
  await ask()
  await sleep(PAUSE_MS)
}

async function ask(): Promise<void> {
  const startedMs = performance.now()
  const workBefore = mainThreadMs(pid)
  socket.messages.length = 0
  socket.send(question)
  await socket.until(() => socket.messages.some((message) => wire?.read(message).type === 'step2'), PATIENCE_MS)
  const heldUpMs = Math.min(performance.now() - startedMs, mainThreadMs(pid) - workBefore)
  longestMs = Math.max(longestMs, heldUpMs)
}
