/** How a server in another process is: the delays of its event loop, and what it has waiting. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** Where a server is told its file, and that it is to collect garbage at each look. */
export const VITALS_VARIABLE = 'WEFT_BENCH_VITALS'
export const COLLECT_VARIABLE = 'WEFT_BENCH_COLLECT'

const PRELOAD = new URL('./vitals-preload.js', import.meta.url).href
const POLL_MS = 5

/** Delays of the event loop in milliseconds: since the look before, and since the first one. */
export interface Look {
  readonly p99Ms: number
  readonly longestMs: number
  readonly overallP99Ms: number
  /** Timers that keep the process alive. */
  readonly timers: number
  /** Written to clients' sockets and still in memory. */
  readonly unreadBytes: number
  /** What the main thread holds once its garbage is collected, in its heap and outside; 0 where that is not asked for. */
  readonly heldBytes: number
}

export interface VitalsOptions {
  /** Whether each look collects garbage first, which holds the server up. */
  readonly collectsGarbage?: boolean
}

export class Vitals {
  /** The environment that the server has to be started with. */
  readonly env: Readonly<Record<string, string>>
  readonly #file: string

  /** Keeps its file in `folder`, which has to exist. */
  constructor(folder: string, { collectsGarbage = false }: VitalsOptions = {}) {
    this.#file = join(folder, 'vitals.jsonl')
    const collect = collectsGarbage ? { [COLLECT_VARIABLE]: '1' } : {}
    this.env = { NODE_OPTIONS: `--import ${PRELOAD}`, [VITALS_VARIABLE]: this.#file, ...collect }
  }

  /** Resolves when the server's event loop has come to answer. */
  async look(pid: number): Promise<Look> {
    const before = this.#lines().length
    process.kill(pid, 'SIGUSR2')
    for (;;) {
      const line = this.#lines()[before]
      if (line !== undefined) return JSON.parse(line) as Look
      await sleep(POLL_MS)
    }
  }

  #lines(): readonly string[] {
    // What stands behind the last end of line is still being written.
    return existsSync(this.#file) ? readFileSync(this.#file, 'utf8').split('\n').slice(0, -1) : []
  }
}
