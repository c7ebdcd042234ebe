/** The thread of a `NextDoor`: undisturbed by those who make the noise. */
import { parentPort as parent, workerData } from 'node:worker_threads'
import { Histogram } from '../report/histogram.ts'
import { weft } from '../wire/protocol.ts'
import type { Address, Order } from './next-door.ts'
import { OtherRoom } from './other-room.ts'

if (parent === null) throw new Error('Somebody next door is a thread that is told where.')
const port = parent
const { port: serverPort, token } = workerData as Address
const query = token === null ? '' : `?token=${token}`
const path: typeof weft.path = (document, person) => weft.path(document, person) + query
const room = await OtherRoom.join({ port: serverPort, target: { protocol: { ...weft, path } } })
const histograms = new Map<string, Histogram>()
let end: () => void = () => undefined
let window: Promise<void> = Promise.resolve()

port.on('message', (order: Order) => void obey(order).then((answer) => port.postMessage(answer, [])))
port.postMessage('ready', [])

/** The answer to a question, and 0 to an order. */
async function obey(order: Order): Promise<number> {
  if (order.type === 'ask') return histogramOf(order.name).percentile(order.part)
  if (order.type === 'begin') {
    const names = order.names.map(histogramOf)
    window = room.during(names, () => new Promise<void>((resolve) => (end = resolve)))
  } else {
    end()
    await window
  }
  return 0
}

function histogramOf(name: string): Histogram {
  let histogram = histograms.get(name)
  if (histogram === undefined) histograms.set(name, (histogram = new Histogram()))
  return histogram
}
