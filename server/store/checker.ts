/** Checking a database on a thread of its own, since it reads everything and nobody should wait for it. */
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { SyncError } from '../../shared/errors.ts'
import type { VerifyReport } from '../../shared/rest.ts'
import { DATABASE_FILE, receiveError, type SentError } from './engine-calls.ts'

export type CheckAnswer = { readonly report: VerifyReport } | { readonly error: SentError }

/** The same for the database in a data folder. */
export function checkStored(folder: string): Promise<VerifyReport> {
  return checkFile(join(folder, DATABASE_FILE))
}

/** Checks every row of the database in `file`, read-only; a store may be writing it. */
export function checkFile(file: string): Promise<VerifyReport> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./check-thread.js', import.meta.url), { workerData: file })
    worker.on('message', (answer: CheckAnswer) => {
      if ('report' in answer) resolve(answer.report)
      else reject(receiveError(answer.error))
    })
    worker.on('error', (cause) => {
      reject(new SyncError('storage-failed', `The check of ${file} died: ${cause.message}`, { cause }))
    })
    worker.on('exit', () => reject(new SyncError('storage-failed', `The check of ${file} ended early.`)))
  })
}
