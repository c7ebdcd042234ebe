/** What the typing scenarios have in common: rooms under a fixed or the highest load, and what the server pays. */
import { Histogram } from '../report/histogram.ts'
import { allDelivered, typeAtRate, typeFlatOut } from '../load/drive.ts'
import { openRooms, type Room } from '../load/room.ts'
import type { ItemId } from '../load/typing.ts'
import type { Server } from '../targets/server.ts'
import type { Measures } from './scenario.ts'

export interface TypingLoad {
  readonly document: string
  readonly rooms: number
  readonly typists: number
  readonly seconds: number
  readonly after?: ItemId | null
}

const MICROSECONDS = 1e6

/** Before it is measured, a server has run this long: its code is compiled, its files exist. */
const WARM_UP_SECONDS = 10

/** What was left to do of an earlier load is done by then: folding, storing, tidying up. */
const SETTLE_MS = 30_000

/** CPU per delivery and latency while everybody types `perSecond` letters a second. */
export async function measureAtRate(
  server: Server,
  { perSecond, ...load }: TypingLoad & { readonly perSecond: number },
): Promise<Measures> {
  const updatesEach = Math.ceil(perSecond * (load.seconds + WARM_UP_SECONDS))
  await server.whenQuiet(SETTLE_MS)
  const rooms = await openRooms(load.rooms, { ...load, server, updatesEach })
  await typeAtRate(rooms, { perSecond, seconds: WARM_UP_SECONDS })
  await allDelivered(rooms)
  await server.whenQuiet(2_000)

  const latencies = new Histogram()
  for (const room of rooms) room.measureLatency(latencies)
  const before = look(server, rooms)
  const startMs = performance.now()
  await typeAtRate(rooms, { perSecond, seconds: load.seconds })
  const sentMs = performance.now()
  const isComplete = await allDelivered(rooms)
  const endMs = performance.now()
  const after = look(server, rooms)
  await closeAll(rooms)

  const cpu = after.cpu - before.cpu
  return {
    microsecondsPerDelivery: (cpu / (after.delivered - before.delivered)) * MICROSECONDS,
    microsecondsPerUpdate: (cpu / (after.sent - before.sent)) * MICROSECONDS,
    p50Ms: latencies.percentile(0.5),
    p99Ms: latencies.percentile(0.99),
    cpuLoad: cpu / ((endMs - startMs) / 1000),
    behindMs: endMs - sentMs,
    residentBytes: server.residentBytes(),
    writtenPerByte: (after.written - before.written) / (after.updateBytes - before.updateBytes),
    isComplete: isComplete ? 1 : 0,
  }
}

/** How many updates a second of server CPU takes when everybody types as fast as the server passes it on. */
export async function measureFlatOut(
  server: Server,
  { window, updatesEach, ...load }: TypingLoad & { readonly window: number; readonly updatesEach: number },
): Promise<Measures> {
  const rooms = await openRooms(load.rooms, { ...load, server, updatesEach })
  await server.whenQuiet(2_000)
  const before = look(server, rooms)
  const startMs = performance.now()
  await typeFlatOut(rooms, { window, seconds: load.seconds })
  const isComplete = await allDelivered(rooms)
  const endMs = performance.now()
  const after = look(server, rooms)
  await closeAll(rooms)

  const cpu = after.cpu - before.cpu
  return {
    updatesPerCpuSecond: (after.sent - before.sent) / cpu,
    updatesPerSecond: (after.sent - before.sent) / ((endMs - startMs) / 1000),
    cpuLoad: cpu / ((endMs - startMs) / 1000),
    residentBytes: server.residentBytes(),
    isComplete: isComplete ? 1 : 0,
  }
}

function look(server: Server, rooms: readonly Room[]) {
  const sum = (value: (room: Room) => number): number => rooms.reduce((total, room) => total + value(room), 0)
  return {
    cpu: server.cpuSeconds(),
    written: server.writes().toDisk,
    sent: sum((room) => room.sent),
    delivered: sum((room) => room.delivered),
    updateBytes: sum((room) => room.updateBytes),
  }
}

async function closeAll(rooms: readonly Room[]): Promise<void> {
  await Promise.all(rooms.map((room) => room.close()))
}
