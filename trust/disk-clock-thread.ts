/** A thread that writes letters to the disk until it is stopped, and says how long each of them took. */
import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs'
import { parentPort as parent, workerData } from 'node:worker_threads'

export interface DiskClockOrder {
  readonly file: string
  /** Not 0 once the thread has to end; it is woken then. */
  readonly stop: Int32Array<SharedArrayBuffer>
}

/** Between two letters: seldom enough to be no load beside a server that flushes hundreds of times a second. */
const PAUSE_MS = 25
/** One block of the disk. */
const BLOCK = new Uint8Array(4_096).fill(1)

const { file, stop } = workerData as DiskClockOrder
const waits: number[] = []
const descriptor = openSync(file, 'w')
for (let came = [performance.now()]; Atomics.load(stop, 0) === 0;) {
  const startedMs = performance.now()
  writeSync(descriptor, BLOCK, 0, BLOCK.length, 0)
  fdatasyncSync(descriptor)
  const flushedMs = performance.now()
  for (const cameMs of came) waits.push(flushedMs - cameMs)
  came = lettersBetween(startedMs, flushedMs)
  if (came.length > 0) continue
  Atomics.wait(stop, 0, 0, startedMs + PAUSE_MS - flushedMs)
  came = [performance.now()]
}
closeSync(descriptor)
parent?.postMessage(waits, [])

/** When those came that had to wait for a flush. */
function lettersBetween(startedMs: number, flushedMs: number): number[] {
  const came: number[] = []
  for (let atMs = startedMs + PAUSE_MS; atMs < flushedMs; atMs += PAUSE_MS) came.push(atMs)
  return came
}
