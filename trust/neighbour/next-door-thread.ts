/** The thread of a `NextDoor`: undisturbed by those who make the noise. */
import { parentPort as parent, workerData } from 'node:worker_threads'
import { OtherRoom } from '../../bench/neighbour/other-room.ts'
import { Histogram } from '../../bench/report/histogram.ts'
import { weft } from '../../bench/wire/protocol.ts'
import type { Address, Order } from './next-door.ts'

if (parent === null) throw new Error('Somebody next door is a thread that is told where.')
const port = parent
const address = workerData as Address
const path: typeof weft.path = (document, person) => `${weft.path(document, person)}?token=${address.token}`
const room = await OtherRoom.join({ port: address.port, target: { protocol: { ...weft, path } } })
const histograms = new Map<string, Histogram>()
let end: () => void = () => undefined
let window: Promise<void> = Promise.resolve()

port.on('message', (order: Order) => void obey(order).then((answer) => port.postMessage(answer, [])))
port.postMessage('ready', [])

async function obey({ name, type }: Order): Promise<number> {
  const histogram = histograms.get(name) ?? new Histogram()
  histograms.set(name, histogram)
  if (type === 'begin') window = room.during([histogram], () => new Promise<void>((resolve) => (end = resolve)))
  if (type === 'end') {
    end()
    await window
  }
  return histogram.percentile(0.99)
}
