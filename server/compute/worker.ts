/** Entry of a compute thread: does one job at a time and answers it. */
import { parentPort } from 'node:worker_threads'
import { asSyncError, type ErrorCode } from '../../shared/errors.ts'
import { runJob, type Job, type JobResults } from './jobs.ts'
import { yieldToOtherThreads } from './priority.ts'
import { forTransfer } from './transfer.ts'

/** What a thread posts back. Errors go in parts: a clone would lose their class and code. */
export type Answer =
  | { readonly done: true; readonly result: JobResults[Job['name']] }
  | { readonly done: false; readonly code: ErrorCode; readonly message: string }

if (parentPort === null) throw new Error('This file is the entry of a worker thread; it cannot be run by itself.')
const port = parentPort
yieldToOtherThreads()

port.on('message', (job: Job) => {
  const { body, transfer } = forTransfer(answer(job))
  port.postMessage(body, transfer)
})

function answer(job: Job): Answer {
  try {
    return { done: true, result: runJob(job) }
  } catch (thrown) {
    const { code, message } = asSyncError(thrown, 'job-failed')
    return { done: false, code, message }
  }
}
