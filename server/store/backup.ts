/** Copying a database while it is written. */
import { chmodSync, writeFileSync } from 'node:fs'
import { asStorageError, connect, type SqliteDatabase } from './database.ts'

/** 1 MiB a step; commits get their turn between steps and go into the copy as well. */
const PAGES_PER_STEP = 1024

/** Copies `source` to `file`, which does not exist, readable by its owner only. */
export async function copyDatabase(source: SqliteDatabase, file: string): Promise<void> {
  try {
    writeFileSync(file, '', { flag: 'wx', mode: 0o600 })
  } catch (thrown) {
    throw asStorageError(thrown, `${file} cannot be created`)
  }
  chmodSync(file, 0o600)
  await source.backup(file, { progress: () => PAGES_PER_STEP })
  // A copy of a database with a write-ahead log; this way it is one file, and can be read where nothing can be written.
  const copy = connect(file, {})
  try {
    copy.pragma('journal_mode = DELETE')
  } finally {
    copy.close()
  }
}
