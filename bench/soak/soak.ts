/**
 * A long run: 200 rooms in which people come, type and go. Memory must not grow, the event loop must not be held
 * up, and the write-ahead log must stay small.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { clearTick, print, say, tick } from '../report/progress.ts'
import { slope } from '../report/stats.ts'
import { Server } from '../targets/server.ts'
import { targets } from '../targets/targets.ts'
import { churn, everydayCrowd } from './crowd.ts'
import { type Look, Vitals } from './vitals.ts'
import { walBytes } from './wal-bytes.ts'

export interface SoakOptions {
  readonly minutes: number
}

/** Looks at memory are a second apart, those at the event loop so many of them. */
const SAMPLES_A_LOOK = 5

/** Memory may creep by this much an hour: less than noise over ten minutes. */
const MAX_GROWTH_MB_PER_HOUR = 60
const MAX_DELAY_P99_MS = 20
const MAX_WAL_MB = 64
const MB = 1e6

interface Sample {
  readonly minute: number
  readonly residentBytes: number
  readonly walBytes: number
}

/** Resolves with the number of limits that were passed. */
export async function soak({ minutes }: SoakOptions): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'weft-soak-'))
  mkdirSync(join(folder, 'data'))
  const vitals = new Vitals(folder)
  const server = await Server.start(targets.weft, { folder: join(folder, 'data'), nodeArgs: [], env: vitals.env })
  const { rooms, visitors, perSecond } = everydayCrowd
  say(`${rooms} rooms, ${visitors} visitors at ${perSecond} letters a second, for ${minutes} minutes …`)
  const samples: Sample[] = []
  const looks: Look[] = []
  const look = async (minute: number): Promise<void> => {
    const residentBytes = server.residentBytes()
    if (samples.length % SAMPLES_A_LOOK === 0) looks.push(await vitals.look(server.pid))
    samples.push({ minute, residentBytes, walBytes: walBytes(server.folder) })
    tick(`minute ${minute.toFixed(1)}: ${(residentBytes / MB).toFixed(0)} MB`)
  }
  try {
    const address = { port: server.port, protocol: server.target.protocol }
    await churn(address, everydayCrowd, { seconds: minutes * 60, look })
    return report(samples, looks)
  } finally {
    clearTick()
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

function report(samples: readonly Sample[], looks: readonly Look[]): number {
  // The first third is filling caches and compiling.
  const settled = samples.slice(Math.floor(samples.length / 3))
  const growth = (slope(settled.map(({ minute, residentBytes }) => ({ x: minute, y: residentBytes }))) / MB) * 60
  const worstP99 = Math.max(...looks.slice(2).map(({ p99Ms }) => p99Ms))
  const longest = Math.max(...looks.slice(2).map(({ longestMs }) => longestMs))
  const walMb = Math.max(...samples.map((sample) => sample.walBytes)) / MB
  const residentMb = (samples.at(-1)?.residentBytes ?? 0) / MB
  const lines = [
    { label: 'memory, slope, MB/hour', value: growth, limit: MAX_GROWTH_MB_PER_HOUR },
    { label: 'event loop, p99, ms', value: looks.at(-1)?.overallP99Ms ?? Number.NaN, limit: MAX_DELAY_P99_MS },
    { label: 'event loop, worst p99 of 5 s, ms', value: worstP99, limit: null },
    { label: 'event loop, longest, ms', value: longest, limit: null },
    { label: 'write-ahead log, largest, MB', value: walMb, limit: MAX_WAL_MB },
    { label: 'memory at the end, MB', value: residentMb, limit: null },
  ]
  print('| soak | measured | limit | |')
  print('| --- | ---: | ---: | --- |')
  for (const { label, value, limit } of lines) {
    print(`| ${label} | ${value.toFixed(1)} | ${limit ?? '–'} | ${verdict(value, limit)} |`)
  }
  return lines.filter(({ value, limit }) => verdict(value, limit) === '**miss**').length
}

function verdict(value: number, limit: number | null): string {
  if (limit === null) return ''
  return value <= limit ? 'PASS' : '**miss**'
}
