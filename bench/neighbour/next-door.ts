/** People who each type in a room of their own, all in a thread of their own: how long until each letter is saved? */
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'

export interface NextDoorOptions {
  readonly port: number
  /** Null where none is asked for. */
  readonly token: string | null
  readonly rooms: number
  /** Of each person. */
  readonly lettersPerSecond: number
}

/** What the thread is told. */
export type Order =
  | { readonly type: 'begin'; readonly names: readonly string[] }
  | { readonly type: 'end' }
  | { readonly type: 'ask'; readonly name: string; readonly part: number }

export class NextDoor {
  readonly #worker: Worker
  /** Settles with the last answer: the thread's do not tell what they answer. */
  #answered: Promise<unknown> = Promise.resolve()

  private constructor(worker: Worker) {
    this.#worker = worker
  }

  static async start(options: NextDoorOptions): Promise<NextDoor> {
    const worker = new Worker(fileURLToPath(new URL('./next-door-thread.js', import.meta.url)), { workerData: options })
    await once(worker, 'message')
    return new NextDoor(worker)
  }

  /** They type while `work` is done; every letter's wait counts under each of `names`. */
  async during(names: readonly string[], work: () => Promise<unknown>): Promise<void> {
    await this.#tell({ type: 'begin', names })
    await work()
    await this.#tell({ type: 'end' })
  }

  /** Percentile of all that was counted under `name`, in milliseconds: 0.99 of it was not slower. */
  percentile(name: string, part: number): Promise<number> {
    return this.#tell({ type: 'ask', name, part })
  }

  async stop(): Promise<void> {
    await this.#worker.terminate()
  }

  #tell(order: Order): Promise<number> {
    const answer = this.#answered.then(async () => {
      const message = once(this.#worker, 'message') as Promise<[number]>
      this.#worker.postMessage(order, [])
      return (await message)[0]
    })
    this.#answered = answer.catch(() => undefined)
    return answer
  }
}
