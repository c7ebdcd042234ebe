/** Somebody who types in a room of their own, a letter every 10 ms, in a thread of their own: how long until each is saved? */
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'

export interface Address {
  readonly port: number
  readonly token: string
}

/** What the thread is told; each is answered with the 99th percentile of what was counted under the name, in ms. */
export interface Order {
  readonly type: 'begin' | 'end' | 'ask'
  readonly name: string
}

export class NextDoor {
  readonly #worker: Worker

  private constructor(worker: Worker) {
    this.#worker = worker
  }

  static async start(address: Address): Promise<NextDoor> {
    const worker = new Worker(fileURLToPath(new URL('./next-door-thread.js', import.meta.url)), { workerData: address })
    await once(worker, 'message')
    return new NextDoor(worker)
  }

  /** Types while `work` is done; every letter's wait counts under `name`. */
  async during(name: string, work: () => Promise<unknown>): Promise<void> {
    await this.#tell({ type: 'begin', name })
    await work()
    await this.#tell({ type: 'end', name })
  }

  /** The 99th percentile of all that was counted under `name`, in milliseconds. */
  p99(name: string): Promise<number> {
    return this.#tell({ type: 'ask', name })
  }

  async stop(): Promise<void> {
    await this.#worker.terminate()
  }

  async #tell(order: Order): Promise<number> {
    const answer = once(this.#worker, 'message') as Promise<[number]>
    this.#worker.postMessage(order, [])
    return (await answer)[0]
  }
}
