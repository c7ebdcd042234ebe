/** The thread of a `Noise`. */
import { parentPort as parent, workerData } from 'node:worker_threads'
import { yieldToOtherThreads } from '../../server/threads/priority.ts'
import { weft } from '../wire/protocol.ts'
import type { NoiseOptions } from './noise.ts'
import { actionsOn, kindOf } from './noisy-document.ts'

if (parent === null) throw new Error('Noise is made by a thread that is told which.')
const port = parent
const { port: serverPort, kind, size } = workerData as NoiseOptions
yieldToOtherThreads()
const actions = new Map(actionsOn({ port: serverPort, target: { protocol: weft } }, kindOf(kind, size)))

// What an action throws ends the thread, and reaches whoever asked for it.
port.on(
  'message',
  (title: string) =>
    void actions
      .get(title)?.()
      .then(() => port.postMessage('done', [])),
)
port.postMessage('ready', [])
