/** What Linux knows of a process. */
import { readdirSync, readFileSync } from 'node:fs'

const NANOSECONDS_PER_MS = 1e6
const KIB = 1024

/** For how long the main thread was at work since it began, in milliseconds; 0 when the process is gone. */
export function mainThreadMs(pid: number): number {
  return Number(read(`/proc/${pid}/task/${pid}/schedstat`).split(' ')[0]) / NANOSECONDS_PER_MS
}

/** Resident memory in bytes; 0 when the process is gone. */
export function residentBytes(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0) * KIB
}

/** How many files and sockets it has open. */
export function openFiles(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    // Processes end while they are looked at.
    return ''
  }
}
