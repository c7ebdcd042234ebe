/** S8: a whole paper, keystroke by keystroke, and what it takes on disk. S3: opening it after a restart. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from '../wire/client.ts'
import { textOf } from '../load/paper.ts'
import { Receipts } from '../load/receipts.ts'
import { prepareScript } from '../load/script.ts'
import type { Server } from '../targets/server.ts'
import type { Lab, Measures, Scenario } from './scenario.ts'

const DOCUMENT = 'paper'

/** Updates under way at most, counted by letters. */
const WINDOW = 2_000
const CHUNK = 200

/** How often the document is opened cold; the median counts. */
const OPENINGS = 3

export const paper: Scenario = {
  id: 'S8',
  title: '260,000 edits one by one; then a cold open (S3)',
  targets: ['raw', 'y-leveldb', 'hocuspocus', 'weft'],
  async run(lab) {
    const server = await lab.start()
    const cpuBefore = server.cpuSeconds()
    const written = await write(lab, server)
    if (!lab.target.keepsDocuments) return written
    await sleep(lab.isQuick ? 5_000 : 60_000)
    await server.whenQuiet()
    const idle = {
      diskBytes: server.diskBytes(),
      // What a server puts off until it is idle counts here.
      updatesPerCpuSecondUntilIdle: (await lab.paper()).updates.length / (server.cpuSeconds() - cpuBefore),
      writtenToDisk: server.writes().toDisk,
    }
    await server.stop()
    const openings: Measures[] = []
    for (let at = 0; at < OPENINGS; at++) openings.push(await openCold(lab, server.folder))
    openings.sort((a, b) => (a['openCpuMs'] ?? 0) - (b['openCpuMs'] ?? 0))
    return { ...written, ...idle, ...openings[OPENINGS >> 1] }
  },
}

/** One client writes, another one reads along. */
async function write(lab: Lab, server: Server): Promise<Measures> {
  const { protocol } = lab.target
  const { updates, updateBytes } = await lab.paper()
  const script = prepareScript(updates.length, updates, { protocol, document: DOCUMENT })
  const common = { port: server.port, protocol, document: DOCUMENT }
  const writer = await Client.join(common)
  let wake = ignore
  const receipts = new Receipts(1, () => wake())
  const reader = await Client.join(common)
  reader.listener = (kind, cursor) => {
    if (kind === 'update' || kind === 'step2') receipts.read(cursor)
  }
  const lost = new Promise<never>((_, reject) => {
    reader.onLost(reject)
    writer.onLost(reject)
  })
  const lastClock = script.clocks.at(-1) ?? 0
  const cpuBefore = server.cpuSeconds()
  const startMs = performance.now()
  for (let sent = 0; ;) {
    while (sent < script.count && (script.clocks[sent] ?? 0) - receipts.total < WINDOW) {
      const end = Math.min(sent + CHUNK, script.count)
      writer.write(script.frames.subarray(sent === 0 ? 0 : script.ends[sent - 1], script.ends[end - 1]))
      sent = end
    }
    if (receipts.total >= lastClock) break
    const progress = new Promise<void>((resolve) => {
      wake = resolve
    })
    await Promise.race([progress, lost])
  }
  const cpu = server.cpuSeconds() - cpuBefore
  const seconds = (performance.now() - startMs) / 1000
  await Promise.all([writer.close(), reader.close()])
  return {
    updatesPerCpuSecond: script.count / cpu,
    updatesPerSecond: script.count / seconds,
    updateBytes,
  }
}

async function openCold(lab: Lab, folder: string): Promise<Measures> {
  const server = await lab.start(folder)
  const { text, stateBytes } = await lab.paper()
  const received: Uint8Array[] = []
  const cpuBefore = server.cpuSeconds()
  const startMs = performance.now()
  let lastMs = startMs
  const reader = await Client.join({
    port: server.port,
    protocol: lab.target.protocol,
    document: DOCUMENT,
    listener: (kind, cursor, end) => {
      if (kind !== 'step2' && kind !== 'update') return
      received.push(Uint8Array.from(cursor.data.subarray(cursor.at, end)))
      lastMs = performance.now()
    },
  })
  // y-websocket's server answers before it has loaded the document; what it loaded comes later, as an update.
  await server.whenQuiet(60_000)
  const cpuMs = (server.cpuSeconds() - cpuBefore) * 1000
  await reader.close()
  const measures = {
    openCpuMs: cpuMs,
    openMs: lastMs - startMs,
    openResidentBytes: server.residentBytes(),
    sentOverState: reader.bytesReceived / stateBytes,
    isWhole: textOf(received) === text ? 1 : 0,
  }
  await server.stop()
  return measures
}

function ignore(): void {}
