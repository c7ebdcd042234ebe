/** How long a letter would take on the disk alone: what a row's times cannot be better than, whoever writes. */
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { DiskClockOrder } from './disk-clock-thread.ts'
import type { Lab } from './lab.ts'
import { quantile } from './save-clock.ts'

const THREAD = fileURLToPath(new URL('./disk-clock-thread.js', import.meta.url))

/**
 * Writes and flushes a block, in a file of its own, for a letter every few milliseconds until it is stopped. Letters that
 * come while the disk flushes wait for it and for the next flush, as people's do: a disk that stands still for a second
 * holds up forty of them, and not one. It has a thread of its own, so that what else this process does is not the disk's.
 */
export class DiskClock {
  readonly #stop: DiskClockOrder['stop']
  readonly #ended: Promise<readonly number[]>

  /** Starts on the disk that servers of the lab have their folders on. */
  static async start(lab: Lab): Promise<DiskClock> {
    const clock = new DiskClock(join(await lab.folder(), 'block'))
    lab.atEnd(() => clock.stop())
    return clock
  }

  private constructor(file: string) {
    this.#stop = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))
    const order: DiskClockOrder = { file, stop: this.#stop }
    const worker = new Worker(THREAD, { workerData: order })
    this.#ended = once(worker, 'message').then(([waits]) => waits as readonly number[])
    // Told by `stop`.
    this.#ended.catch(() => undefined)
  }

  /** Resolves with how long each letter waited, in ms. Rejects what the disk said when it took one no more. */
  stop(): Promise<readonly number[]> {
    Atomics.store(this.#stop, 0, 1)
    Atomics.notify(this.#stop, 0)
    return this.#ended
  }
}

/** By how much letters' quantile is above the disk's own: what is the server's to answer for, in ms. */
export function beyondDisk(waits: readonly number[], disk: readonly number[], part: number): number {
  return Math.max(0, quantile(waits, part) - quantile(disk, part))
}
