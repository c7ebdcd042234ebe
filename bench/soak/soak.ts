/**
 * A long run: 200 rooms in which people come, type and go. Memory must not grow, the event loop must not be held
 * up, and the write-ahead log must stay small.
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { seededRandom } from '../load/random.ts'
import { clearTick, print, say, tick } from '../report/progress.ts'
import { slope } from '../report/stats.ts'
import { Server } from '../targets/server.ts'
import { targets } from '../targets/targets.ts'
import { Visitor } from './visitor.ts'

export interface SoakOptions {
  readonly minutes: number
}

const ROOMS = 200
/** How many people are there at any time. */
const VISITORS = 400
/** Letters a second, each. */
const PER_SECOND = 2
/** How often somebody leaves and somebody else comes. */
const CHURN_MS = 50
/** Documents are given up for new ones now and then, so that rooms are opened and unloaded all the time. */
const GENERATION_MS = 60_000
const SAMPLE_MS = 1_000

/** Memory may creep by this much an hour: less than noise over ten minutes. */
const MAX_GROWTH_MB_PER_HOUR = 60
const MAX_DELAY_P99_MS = 20
const MAX_WAL_MB = 64
const MB = 1e6

/** Seen from dist/bench/soak. */
const PRELOAD = fileURLToPath(new URL('../../../bench/soak/loop-delay.mjs', import.meta.url))

interface Sample {
  readonly minute: number
  readonly residentBytes: number
  readonly walBytes: number
}

/** Resolves with the number of limits that were passed. */
export async function soak({ minutes }: SoakOptions): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'weft-soak-'))
  const delayFile = join(folder, 'loop-delay.jsonl')
  const data = join(folder, 'data')
  const server = await Server.start(targets.weft, {
    folder: data,
    nodeArgs: ['--import', PRELOAD],
    env: { WEFT_BENCH_LOOP_DELAY: delayFile },
  })
  say(`${ROOMS} rooms, ${VISITORS} visitors at ${PER_SECOND} letters a second, for ${minutes} minutes …`)
  try {
    const samples = await churn(server, minutes)
    const delays = readDelays(delayFile)
    return report(samples, delays)
  } finally {
    clearTick()
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function churn(server: Server, minutes: number): Promise<readonly Sample[]> {
  const random = seededRandom(7)
  const startMs = performance.now()
  const endMs = startMs + minutes * 60_000
  const visitors: Visitor[] = []
  const samples: Sample[] = []
  const documentNow = (): string => {
    const generation = Math.floor((performance.now() - startMs) / GENERATION_MS)
    return `soak-${generation}-${Math.floor(random() * ROOMS)}`
  }
  for (let at = 0; at < VISITORS; at++) visitors.push(await Visitor.join(server, documentNow(), PER_SECOND))
  for (let nextSampleMs = startMs; performance.now() < endMs;) {
    const leaving = Math.floor(random() * visitors.length)
    const visitor = await Visitor.join(server, documentNow(), PER_SECOND)
    await visitors.splice(leaving, 1, visitor)[0]?.leave()
    if (performance.now() >= nextSampleMs) {
      nextSampleMs += SAMPLE_MS
      samples.push(look(server, (performance.now() - startMs) / 60_000))
      const last = samples.at(-1)
      if (last !== undefined) tick(`minute ${last.minute.toFixed(1)}: ${(last.residentBytes / MB).toFixed(0)} MB`)
    }
    await sleep(CHURN_MS)
  }
  await Promise.all(visitors.map((visitor) => visitor.leave()))
  return samples
}

function look(server: Server, minute: number): Sample {
  const walBytes = readdirSync(server.folder)
    .filter((name) => name.endsWith('-wal'))
    .reduce((sum, name) => sum + (statSync(join(server.folder, name), { throwIfNoEntry: false })?.size ?? 0), 0)
  return { minute, residentBytes: server.residentBytes(), walBytes }
}

/** Of five seconds each, the last one of all. */
interface Delay {
  readonly p99: number
  readonly max: number
  readonly overallP99: number
}

function readDelays(file: string): readonly Delay[] {
  if (!existsSync(file)) return []
  return readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Delay)
}

function report(samples: readonly Sample[], delays: readonly Delay[]): number {
  // The first third is filling caches and compiling.
  const settled = samples.slice(Math.floor(samples.length / 3))
  const growth = (slope(settled.map(({ minute, residentBytes }) => ({ x: minute, y: residentBytes }))) / MB) * 60
  const worstP99 = Math.max(...delays.slice(2).map(({ p99 }) => p99))
  const longest = Math.max(...delays.slice(2).map(({ max }) => max))
  const walMb = Math.max(...samples.map(({ walBytes }) => walBytes)) / MB
  const residentMb = (samples.at(-1)?.residentBytes ?? 0) / MB
  const lines = [
    { label: 'memory, slope, MB/hour', value: growth, limit: MAX_GROWTH_MB_PER_HOUR },
    { label: 'event loop, p99, ms', value: delays.at(-1)?.overallP99 ?? Number.NaN, limit: MAX_DELAY_P99_MS },
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
