/** Row 20: what is left of people who come and go for a while, in rooms that are opened and unloaded all the time. */
import { weft } from '../../bench/wire/protocol.ts'
import { slope } from '../../bench/report/stats.ts'
import { churn, type Crowd, everydayCrowd } from '../../bench/soak/crowd.ts'
import { Vitals } from '../../bench/soak/vitals.ts'
import { walBytes } from '../../bench/soak/wal-bytes.ts'
import type { Lab } from '../lab.ts'
import type { Mutant } from '../mutants/mutant.ts'
import { openFiles, residentBytes } from '../proc.ts'
import { atMost, type Row, type Subject } from '../row.ts'
import type { ServerProcess } from '../server-process.ts'
import { until } from '../until.ts'

const MB = 1e6

/** Whoever was here is remembered by a timer. */
const keepsTimers: Mutant = {
  module: 'core/session.js',
  find: 'this.#access.start(this);',
  replace: 'this.#access.start(this); setInterval(() => this.isLive, 60_000);',
}

const SECONDS = { short: 6, long: 600 } as const
/** Enough for the control's fault to show. */
const CONTROL_SECONDS = 120
const SHORT_CROWD: Crowd = { rooms: 20, visitors: 40, perSecond: 5, churnMs: 20, generationMs: 2_000 }
const ROOM_IDLE_MS = { short: 500, long: 30_000 } as const

/** A timer that is about to end, a file that SQLite opens once: no leak. People leave hundreds. */
const MAX_LEFT_OVER = 10

export const soak: Row = {
  number: 20,
  promise: 'People who come and go for long leave nothing behind in memory',
  control: 'a timer of each visit is never cleared',
  limits: {
    // The first seconds, which are all there is in the short form, are compiling.
    'memory growth, MB an hour': atMost(60, { short: 20_000 }),
    'resident growth, garbage included, MB': atMost(32, { short: 200 }),
    'file descriptors left over': atMost(MAX_LEFT_OVER),
    'timers left over': atMost(MAX_LEFT_OVER),
    'largest write-ahead log, MB': atMost(64),
  },
  async measure(lab, subject) {
    const form = lab.isShort ? 'short' : 'long'
    const vitals = new Vitals(await lab.folder(), { collectsGarbage: true })
    const server = await lab.server({
      args: ['--room-idle-ms', String(ROOM_IDLE_MS[form])],
      env: vitals.env,
      mutant: subject === 'control' ? keepsTimers : null,
    })
    const { timers } = await vitals.look(server.pid)
    const files = openFiles(server.pid)
    const samples = await watchCrowd(lab, { server, vitals, seconds: secondsFor(lab, subject) })

    lab.progress('everybody has left')
    let left = { files: Number.NaN, timers: Number.NaN }
    const isAsBefore = async (): Promise<boolean> => {
      left = { files: openFiles(server.pid) - files, timers: (await vitals.look(server.pid)).timers - timers }
      return left.files <= MAX_LEFT_OVER && left.timers <= MAX_LEFT_OVER
    }
    // Rooms leave memory meanwhile. What is still there then is measured, whatever it is.
    await until(isAsBefore, 3 * ROOM_IDLE_MS[form] + 5_000).catch(() => undefined)

    // The first third is filling caches and compiling.
    const third = Math.floor(samples.length / 3)
    const [middle, last] = [samples.slice(third, 2 * third), samples.slice(-third)]
    const held = samples.slice(third).map(({ minute, heldBytes }) => ({ x: minute, y: heldBytes }))
    return {
      'memory growth, MB an hour': (slope(held) / MB) * 60,
      'resident growth, garbage included, MB': (leastResident(last) - leastResident(middle)) / MB,
      'file descriptors left over': left.files,
      'timers left over': left.timers,
      'largest write-ahead log, MB': Math.max(...samples.map(({ walBytes: bytes }) => bytes)) / MB,
      'resident at the end, MB': (samples.at(-1)?.residentBytes ?? 0) / MB,
      minutes: samples.at(-1)?.minute ?? 0,
    }
  },
}

interface Sample {
  readonly minute: number
  /** By the main thread, once its garbage is collected: what is resident goes up and down by 20 MB with when V8 collects it. */
  readonly heldBytes: number
  readonly residentBytes: number
  readonly walBytes: number
}

function leastResident(samples: readonly Sample[]): number {
  return Math.min(...samples.map(({ residentBytes: bytes }) => bytes))
}

interface Watched {
  readonly server: ServerProcess
  readonly vitals: Vitals
  readonly seconds: number
}

async function watchCrowd(lab: Lab, { server, vitals, seconds }: Watched): Promise<readonly Sample[]> {
  const samples: Sample[] = []
  const look = async (minute: number): Promise<void> => {
    const { heldBytes } = await vitals.look(server.pid)
    samples.push({ minute, heldBytes, residentBytes: residentBytes(server.pid), walBytes: walBytes(server.data) })
    lab.progress(`minute ${minute.toFixed(1)}, ${(heldBytes / MB).toFixed(1)} MB held`)
  }
  const address = { port: Number(new URL(server.url).port), protocol: weft }
  await churn(address, lab.isShort ? SHORT_CROWD : everydayCrowd, { seconds, look })
  return samples
}

function secondsFor({ isShort, scale }: Lab, subject: Subject): number {
  if (isShort) return SECONDS.short
  return subject === 'control' ? CONTROL_SECONDS : SECONDS.long * scale
}
