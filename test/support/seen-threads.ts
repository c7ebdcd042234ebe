/**
 * The worker threads that a server started, to be killed by tests. For `vi.mock`:
 *
 *     vi.mock('node:worker_threads', (original) => seeThreads(original))
 */
import type * as threading from 'node:worker_threads'

export interface SeenThread {
  readonly worker: threading.Worker
  /** `storage`, `compute`, `check` or `checkpoint`, by the file it runs. */
  readonly kind: string
}

/** What `threadId` is once a thread has ended. */
const ENDED = -1

const KINDS: Readonly<Record<string, string>> = {
  'thread.js': 'storage',
  'worker.js': 'compute',
  'check-thread.js': 'check',
  'checkpoint-thread.js': 'checkpoint',
}

/** Every thread made so far, the dead included. */
export const seenThreads: SeenThread[] = []

/** The newest living thread of a kind, or null. */
export function livingThread(kind: string): threading.Worker | null {
  return seenThreads.findLast((thread) => thread.kind === kind && thread.worker.threadId !== ENDED)?.worker ?? null
}

/** The module `node:worker_threads` with a `Worker` that is seen. */
export async function seeThreads(original: () => Promise<typeof threading>): Promise<typeof threading> {
  const real = await original()
  class SeenWorker extends real.Worker {
    constructor(...args: ConstructorParameters<typeof real.Worker>) {
      super(...args)
      const file = String(args[0]).split('/').at(-1) ?? ''
      seenThreads.push({ worker: this, kind: KINDS[file] ?? file })
    }
  }
  return { ...real, Worker: SeenWorker }
}
