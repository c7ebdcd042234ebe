/**
 * Preloaded into the server: appends one line of JSON every few seconds with the delays of its event loop, in
 * milliseconds, to the file that WEFT_BENCH_LOOP_DELAY names: those since the last line, and all of them.
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
  const lately = start()
  let all = null
  setInterval(() => {
    const line = { p99: ms(lately.percentile(99)), max: ms(lately.max), overallP99: ms(all?.percentile(99) ?? 0) }
    appendFileSync(file, `${JSON.stringify(line)}\n`)
    lately.reset()
    // Loading the server itself is left out.
    all ??= start()
  }, EVERY_MS).unref()
}

function start() {
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  delays.enable()
  return delays
}

/** The histogram counts the time from tick to tick, so the resolution has to be taken off. */
function ms(nanoseconds) {
  return Math.max(0, nanoseconds / NANOSECONDS_PER_MS - RESOLUTION_MS)
}
