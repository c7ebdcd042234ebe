/** Those who make the noise, in a thread of their own that steps back behind the one who listens. */
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'

export interface NoiseOptions {
  readonly port: number
  /** Which document, and how large; see `kindOf`. */
  readonly kind: 'large' | 'touched'
  readonly size: number
}

export class Noise {
  readonly #worker: Worker

  private constructor(worker: Worker) {
    this.#worker = worker
  }

  static async start(options: NoiseOptions): Promise<Noise> {
    const worker = new Worker(fileURLToPath(new URL('./noise-thread.js', import.meta.url)), { workerData: options })
    await once(worker, 'message')
    return new Noise(worker)
  }

  /** Resolves when the action of this title is done; rejects with what it throws. */
  async make(title: string): Promise<void> {
    const done = once(this.#worker, 'message')
    this.#worker.postMessage(title, [])
    await done
  }

  async stop(): Promise<void> {
    await this.#worker.terminate()
  }
}
