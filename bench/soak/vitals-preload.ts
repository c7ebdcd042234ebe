/**
 * Preloaded into a server: whenever it gets SIGUSR2 it appends a line of JSON, a `Look`, to the file that
 * WEFT_BENCH_VITALS names.
 */
import { subscribe } from 'node:diagnostics_channel'
import { appendFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { isMainThread } from 'node:worker_threads'
import { COLLECT_VARIABLE, type Look, VITALS_VARIABLE } from './vitals.ts'

const RESOLUTION_MS = 5
const NANOSECONDS_PER_MS = 1e6
const file = process.env[VITALS_VARIABLE]

// Worker threads load it too; only the main thread has sockets to hold up.
if (isMainThread && file !== undefined) {
  const lately = start()
  const sockets = new Set<Socket>()
  subscribe('net.server.socket', (event) => {
    const { socket } = event as { readonly socket: Socket }
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  const collect = process.env[COLLECT_VARIABLE] === undefined ? null : collector()
  let all: IntervalHistogram | null = null
  process.on('SIGUSR2', () => {
    const look: Look = {
      p99Ms: ms(lately.percentile(99)),
      longestMs: ms(lately.max),
      overallP99Ms: ms(all?.percentile(99) ?? 0),
      timers: process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length,
      unreadBytes: [...sockets].reduce((sum, { writableLength }) => sum + writableLength, 0),
      heldBytes: collect === null ? 0 : heldAfter(collect),
    }
    appendFileSync(file, `${JSON.stringify(look)}\n`)
    lately.reset()
    // Loading the server itself is left out.
    all ??= start()
  })
}

function start(): IntervalHistogram {
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  delays.enable()
  return delays
}

/** The histogram counts the time from tick to tick, so the resolution has to be taken off. */
function ms(nanoseconds: number): number {
  return Math.max(0, nanoseconds / NANOSECONDS_PER_MS - RESOLUTION_MS)
}

/** V8 shows its collector to new contexts only once it is told to, and only those that are made then. */
function collector(): () => void {
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc') as () => void
}

function heldAfter(collect: () => void): number {
  // What is outside the heap is let go of after its owner is.
  collect()
  collect()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
