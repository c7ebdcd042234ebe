/** How long the disk itself takes: what a row's times cannot be better than, whoever writes. */
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Lab } from './lab.ts'

/** Seldom enough to be no load beside a server that flushes hundreds of times a second. */
const PAUSE_MS = 25
/** One block of the disk. */
const BLOCK = new Uint8Array(4_096).fill(1)

/** Writes and flushes one block over and over, in a file of its own, until it is stopped. */
export class DiskClock {
  readonly #file: FileHandle
  readonly #waits: number[] = []
  readonly #running: Promise<void>
  #isStopped = false

  /** Starts on the disk that servers of the lab have their folders on. */
  static async start(lab: Lab): Promise<DiskClock> {
    const clock = new DiskClock(await open(join(await lab.folder(), 'block'), 'w'))
    lab.atEnd(() => clock.stop())
    return clock
  }

  private constructor(file: FileHandle) {
    this.#file = file
    this.#running = this.#run()
    // Told by `stop`.
    this.#running.catch(() => undefined)
  }

  /** Resolves with how long each flush took, in ms. Rejects what the disk said when it took one no more. */
  async stop(): Promise<readonly number[]> {
    this.#isStopped = true
    await this.#running
    return this.#waits
  }

  async #run(): Promise<void> {
    try {
      while (!this.#isStopped) {
        const startedMs = performance.now()
        await this.#file.write(BLOCK, 0, BLOCK.length, 0)
        await this.#file.datasync()
        this.#waits.push(performance.now() - startedMs)
        await sleep(PAUSE_MS)
      }
    } finally {
      await this.#file.close()
    }
  }
}
