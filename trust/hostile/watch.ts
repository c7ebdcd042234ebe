/**
 * Somebody in another room, who asks the server something small again and again: how long is everybody held up?
 *
 * The clock of the wall would blame the server for whatever else the machine does. What counts is for how long the
 * server's main thread was at work on something else while a question waited for its answer.
 */
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { WireName } from './wires.ts'

export interface Watched {
  readonly port: number
  readonly pid: number
  /** The address of a document, in the dialect. */
  readonly path: string
  readonly wire: WireName
}

export class Watch {
  readonly #worker: Worker

  private constructor(worker: Worker) {
    this.#worker = worker
  }

  /** Resolves when the first question was answered. */
  static async start(watched: Watched): Promise<Watch> {
    const worker = new Worker(fileURLToPath(new URL('./watch-thread.js', import.meta.url)), { workerData: watched })
    await once(worker, 'message')
    return new Watch(worker)
  }

  /** The longest time since the last call that a question was held up, in milliseconds. */
  async longest(): Promise<number> {
    const answer = once(this.#worker, 'message') as Promise<[number]>
    this.#worker.postMessage('longest', [])
    const [milliseconds] = await answer
    return milliseconds
  }

  async stop(): Promise<void> {
    await this.#worker.terminate()
  }
}
