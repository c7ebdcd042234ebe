/** Entry of the checking thread: checks one file, answers, ends. */
import { parentPort, workerData } from 'node:worker_threads'
import { SyncError } from '../../shared/errors.ts'
import { checkDatabase } from './check.ts'
import type { CheckAnswer } from './checker.ts'
import { asStorageError, openReadOnly } from './database.ts'
import { sendError } from './engine-calls.ts'

if (parentPort === null) throw new SyncError('unsupported-runtime', 'The checking thread is started by the store.')
parentPort.postMessage(check(String(workerData)), [])

function check(file: string): CheckAnswer {
  try {
    const database = openReadOnly(file)
    try {
      return { report: checkDatabase(database) }
    } finally {
      database.close()
    }
  } catch (thrown) {
    return { error: sendError(asStorageError(thrown, `${file} cannot be checked`)) }
  }
}
