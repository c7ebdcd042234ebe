/** Those who make the noise, in a thread of their own that steps back behind the ones who listen. */
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { VisitOptions } from './visitors.ts'

/** What the thread is told: to make ready a noise, and then to make it. */
export type NoiseOrder = { readonly name: string } | { readonly visit: VisitOptions }

export class NoiseMaker {
  readonly #worker: Worker

  private constructor(worker: Worker) {
    this.#worker = worker
  }

  /** `url` is the server's. */
  static async start(url: string): Promise<NoiseMaker> {
    const worker = new Worker(fileURLToPath(new URL('./noise-maker-thread.js', import.meta.url)), { workerData: url })
    await once(worker, 'message')
    return new NoiseMaker(worker)
  }

  /** Makes ready the noise of this name. */
  prepare(name: string): Promise<void> {
    return this.#tell({ name })
  }

  /** Makes it; resolves when the visitors have left, rejects with what went wrong. */
  make(visit: VisitOptions): Promise<void> {
    return this.#tell({ visit })
  }

  async stop(): Promise<void> {
    await this.#worker.terminate()
  }

  async #tell(order: NoiseOrder): Promise<void> {
    const done = once(this.#worker, 'message')
    this.#worker.postMessage(order, [])
    await done
  }
}
