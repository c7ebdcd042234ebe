/** The thread of a `NoiseMaker`. */
import { parentPort as parent, workerData } from 'node:worker_threads'
import { yieldToOtherThreads } from '../../server/threads/priority.ts'
import type { NoiseOrder } from './noise-maker.ts'
import { noises } from './noises.ts'
import { Visitors } from './visitors.ts'

if (parent === null) throw new Error('Noise is made by a thread that is told which.')
const port = parent
const url = workerData as string
let makeNoise: (visitors: Visitors) => Promise<unknown> = () => Promise.resolve()
yieldToOtherThreads()

// What a noise throws ends the thread, and reaches whoever asked for it.
port.on('message', (order: NoiseOrder) => void obey(order).then(() => port.postMessage('done', [])))
port.postMessage('ready', [])

async function obey(order: NoiseOrder): Promise<void> {
  if ('visit' in order) await makeNoise(new Visitors(url, order.visit))
  else makeNoise = noises.find(({ name }) => name === order.name)?.prepare() ?? makeNoise
}
