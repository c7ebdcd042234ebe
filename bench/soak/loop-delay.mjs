/**
 * Preloaded into the server: appends one line of JSON every few seconds with the delays of its event loop, in
 * milliseconds, to the file that WEFT_BENCH_LOOP_DELAY names.
 */
import { appendFileSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { isMainThread } from 'node:worker_threads'

const EVERY_MS = 5_000
const RESOLUTION_MS = 5
const NANOSECONDS_PER_MS = 1e6
const file = process.env.WEFT_BENCH_LOOP_DELAY

// Worker threads load it too; only the main thread has sockets to hold up.
if (isMainThread && file !== undefined) {
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  delays.enable()
  setInterval(() => {
    const line = { p50: ms(delays.percentile(50)), p99: ms(delays.percentile(99)), max: ms(delays.max) }
    appendFileSync(file, `${JSON.stringify(line)}\n`)
    delays.reset()
  }, EVERY_MS).unref()
}

/** The histogram counts the time from tick to tick, so the resolution has to be taken off. */
function ms(nanoseconds) {
  return Math.max(0, nanoseconds / NANOSECONDS_PER_MS - RESOLUTION_MS)
}
