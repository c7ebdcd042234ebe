/** A compute thread: does one job at a time and answers it. */
import { parentPort } from 'node:worker_threads'
import { asSyncError, type ErrorCode } from '../../shared/errors.ts'
import { forTransfer } from '../threads/transfer.ts'
import { runJob } from './jobs.ts'
import { openJob, type PostedJob, type PostedResults, postResult } from './posting.ts'

/** What a thread posts back. Errors go in parts: a clone would lose their class and code. */
export type Answer =
  | { readonly done: true; readonly result: PostedResults[PostedJob['name']] }
  | { readonly done: false; readonly code: ErrorCode; readonly message: string }

if (parentPort === null) throw new Error('This file is for worker threads; it cannot be run by itself.')
const port = parentPort

port.on('message', (job: PostedJob) => {
  const { body, transfer } = forTransfer(answer(job))
  port.postMessage(body, transfer)
})

function answer(job: PostedJob): Answer {
  try {
    return { done: true, result: postResult(job.name, runJob(openJob(job))) }
  } catch (thrown) {
    const { code, message } = asSyncError(thrown, 'job-failed')
    return { done: false, code, message }
  }
}
