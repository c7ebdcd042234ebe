/**
 * Entry of a compute thread. Loading Yjs is work enough to be felt on a busy core, so it steps back before, and only after when
 * people wait for the first answer: behind a busy thread loading takes seconds.
 */
import { workerData } from 'node:worker_threads'
import { yieldToOtherThreads } from '../threads/priority.ts'

/** What a thread is started with. */
export interface WorkerData {
  readonly isAwaited: boolean
}

const { isAwaited } = workerData as WorkerData
if (!isAwaited) yieldToOtherThreads()
await import('./work.ts')
if (isAwaited) yieldToOtherThreads()
