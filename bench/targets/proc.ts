/** What Linux knows of a process: its CPU time, memory and writes, all threads and children included. */
import { readdirSync, readFileSync } from 'node:fs'

const NANOSECONDS = 1e9
const KIB = 1024

/** A file under /proc, or null when the process or thread is gone. */
function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    // Threads and children end while they are looked at.
    return null
  }
}

function entries(path: string): readonly string[] {
  try {
    return readdirSync(path)
  } catch {
    // As above.
    return []
  }
}

/** A process and everything it started. */
function family(pid: number): readonly number[] {
  const children = entries(`/proc/${pid}/task`).flatMap((thread) =>
    (read(`/proc/${pid}/task/${thread}/children`) ?? '').split(' ').filter(Boolean).map(Number),
  )
  return [pid, ...children.flatMap(family)]
}

/**
 * CPU time in seconds of a process since it began. The scheduler's own counter is used, since `utime` and `stime`
 * come in steps of 10 ms; what a thread that ended had used is remembered from the last look.
 */
export class CpuClock {
  readonly #pid: number
  readonly #threads = new Map<string, number>()

  constructor(pid: number) {
    this.#pid = pid
  }

  seconds(): number {
    for (const pid of family(this.#pid)) {
      for (const thread of entries(`/proc/${pid}/task`)) {
        const stat = read(`/proc/${pid}/task/${thread}/schedstat`)
        if (stat !== null) this.#threads.set(`${pid}/${thread}`, Number(stat.split(' ')[0]) / NANOSECONDS)
      }
    }
    let sum = 0
    for (const seconds of this.#threads.values()) sum += seconds
    return sum
  }
}

/** CPU seconds of one thread; a process's main thread has the id of the process. */
export function threadSeconds(pid: number, thread: number): number {
  return Number((read(`/proc/${pid}/task/${thread}/schedstat`) ?? '0').split(' ')[0]) / NANOSECONDS
}

/** Resident memory in bytes. */
export function residentBytes(pid: number): number {
  return family(pid).reduce((sum, one) => {
    const line = /^VmRSS:\s+(\d+) kB$/m.exec(read(`/proc/${one}/status`) ?? '')
    return sum + Number(line?.[1] ?? 0) * KIB
  }, 0)
}

export interface Writes {
  /** Bytes of pages handed to the block layer: what the disk has to take. */
  readonly toDisk: number
  /** Bytes given to write calls, sockets included. */
  readonly toCalls: number
}

/** What a process has written since it began. */
export function writesOf(pid: number): Writes {
  const text = read(`/proc/${pid}/io`) ?? ''
  const value = (name: string): number => Number(new RegExp(`^${name}: (\\d+)$`, 'm').exec(text)?.[1] ?? 0)
  return { toDisk: value('write_bytes'), toCalls: value('wchar') }
}
