/** Times small pieces of work in this process. */
import { CpuClock, threadSeconds } from '../targets/proc.ts'

/** How long one measurement takes, after a warm-up a quarter as long. */
const MEASURE_MS = 1_000

/** Nanoseconds of this thread's CPU that one unit takes; `work` returns how many units it did. */
export function nanosecondsPerUnit(work: () => number): number {
  repeat(work, MEASURE_MS / 4)
  const before = mainSeconds()
  const units = repeat(work, MEASURE_MS)
  return ((mainSeconds() - before) * 1e9) / units
}

function repeat(work: () => number, forMs: number): number {
  let units = 0
  for (const startMs = performance.now(); performance.now() - startMs < forMs;) units += work()
  return units
}

function mainSeconds(): number {
  return threadSeconds(process.pid, process.pid)
}

export interface Cost {
  /** Microseconds of CPU on the main thread and on all others, per unit. */
  readonly mainMicroseconds: number
  readonly otherMicroseconds: number
  /** Milliseconds from asking to having it, per call: the median. */
  readonly medianMs: number
}

/** What one unit of asynchronous `work` costs; `work` resolves with how many units it did. */
export async function costPerUnit(work: () => Promise<number>): Promise<Cost> {
  await repeatAsync(work, MEASURE_MS / 4)
  const clock = new CpuClock(process.pid)
  const before = { all: clock.seconds(), main: mainSeconds() }
  const { units, tookMs } = await repeatAsync(work, MEASURE_MS)
  const main = mainSeconds() - before.main
  const all = clock.seconds() - before.all
  return {
    mainMicroseconds: (main * 1e6) / units,
    otherMicroseconds: ((all - main) * 1e6) / units,
    medianMs: tookMs.toSorted((a, b) => a - b)[tookMs.length >> 1] ?? Number.NaN,
  }
}

async function repeatAsync(work: () => Promise<number>, forMs: number) {
  const startMs = performance.now()
  const tookMs: number[] = []
  let units = 0
  for (let beganMs = startMs; beganMs - startMs < forMs; beganMs = performance.now()) {
    units += await work()
    tookMs.push(performance.now() - beganMs)
  }
  return { units, tookMs }
}
