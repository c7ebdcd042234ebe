/** The thread of a `NextDoor`: undisturbed by those who make the noise. */
import { parentPort as parent, workerData } from 'node:worker_threads'
import { Histogram } from '../report/histogram.ts'
import { weft } from '../wire/protocol.ts'
import type { NextDoorOptions, Order } from './next-door.ts'
import { OtherRoom } from './other-room.ts'

if (parent === null) throw new Error('People next door are in a thread that is told where.')
const port = parent
const { port: serverPort, token, rooms: count, lettersPerSecond } = workerData as NextDoorOptions
const query = token === null ? '' : `?token=${token}`
const path: typeof weft.path = (document, person) => weft.path(document, person) + query
const target = { protocol: { ...weft, path } }
const rooms = await Promise.all(
  Array.from({ length: count }, (_, number) => OtherRoom.join({ port: serverPort, target }, number)),
)
const gapMs = 1_000 / lettersPerSecond
const histograms = new Map<string, Histogram>()
let end: () => void = () => undefined
let window: Promise<unknown> = Promise.resolve()

port.on('message', (order: Order) => void obey(order).then((answer) => port.postMessage(answer, [])))
port.postMessage('ready', [])

/** The answer to a question, and 0 to an order. */
async function obey(order: Order): Promise<number> {
  if (order.type === 'ask') return histogramOf(order.name).percentile(order.part)
  if (order.type === 'begin') {
    const names = order.names.map(histogramOf)
    const isOver = new Promise<void>((resolve) => (end = resolve))
    // Not all of them at the same moment.
    const typing = rooms.map((room, at) => room.during(names, { gapMs, restMs: (at * gapMs) / count }, isOver))
    window = Promise.all(typing)
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
