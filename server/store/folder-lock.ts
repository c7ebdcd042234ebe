/**
 * One writer per data folder.
 *
 * A database file of its own is held locked for as long as the process lives: the kernel lets go of it however
 * the process ends, so there is no stale lock to clear.
 */
import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { SyncError } from '../../shared/errors.ts'
import { connect, isBusy, type SqliteDatabase } from './database.ts'

export class FolderLock {
  readonly #database: SqliteDatabase
  readonly #pidFile: string

  /** Takes the lock, waiting up to `waitMs` for its holder to end. Throws `storage-locked`. */
  constructor(folder: string, waitMs: number) {
    const file = join(folder, 'weft.lock')
    this.#pidFile = join(folder, 'weft.pid')
    this.#database = connect(file, { timeout: waitMs })
    try {
      // A rollback journal would be a second file left behind by SIGKILL.
      this.#database.pragma('journal_mode = MEMORY')
      this.#database.exec('BEGIN EXCLUSIVE')
    } catch (thrown) {
      this.#database.close()
      if (isBusy(thrown)) throw this.#refusal(folder, thrown)
      throw thrown
    }
    chmodSync(file, 0o600)
    // Beside the lock file, never in it: closing a file that was read releases this process's locks on it.
    writePid(this.#pidFile)
  }

  release(): void {
    rmSync(this.#pidFile, { force: true })
    this.#database.close()
  }

  #refusal(folder: string, cause: unknown): SyncError {
    const pid = readPid(this.#pidFile)
    const holder = pid === null ? 'Another process' : `Process ${pid}`
    return new SyncError('storage-locked', `${holder} is using ${folder}; stop it, or choose another folder.`, {
      cause,
    })
  }
}

function writePid(file: string): void {
  try {
    writeFileSync(file, `${process.pid}\n`, { mode: 0o600 })
  } catch {
    // A full disk: the number only makes a message better, and the documents can still be read.
  }
}

/** Who holds the lock, or null: the holder writes it just after it took the lock. */
function readPid(file: string): string | null {
  try {
    return /^\d+/.exec(readFileSync(file, 'utf8'))?.[0] ?? null
  } catch {
    // The number only makes the message better.
    return null
  }
}
