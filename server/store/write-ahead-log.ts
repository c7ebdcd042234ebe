/** SQLite's write-ahead log while it is in use: how long it is, and moving it into the database file. */
import { SyncError } from '../../shared/errors.ts'
import { openReadOnly, type SqliteDatabase } from './database.ts'

/** In pages. */
export interface WalExtent {
  /** Up to where the log is written. */
  readonly written: number
  /** How much of it is in the database file as well; all of it, and the next commit begins the log anew. */
  readonly moved: number
}

interface CheckpointRow {
  readonly busy: number
  readonly log: number
  readonly checkpointed: number
}

export class WriteAheadLog {
  readonly #database: SqliteDatabase
  readonly #noop

  constructor(database: SqliteDatabase) {
    this.#database = database
    this.#noop = database.prepare<[], CheckpointRow>('PRAGMA wal_checkpoint(NOOP)')
  }

  /** Takes two microseconds. */
  extent(): WalExtent {
    const { log, checkpointed } = this.#noop.get() ?? { log: 0, checkpointed: 0 }
    return { written: log, moved: checkpointed }
  }

  /** Moves what nobody who is reading keeps from being moved. */
  move(): void {
    checkpoint(this.#database, 'PASSIVE')
  }

  /** Moves all of it and empties it; false when someone is reading right now. */
  truncate(): boolean {
    const waitMs = this.#database.pragma('busy_timeout', { simple: true })
    // A reader in another process must not hold up commits.
    this.#database.pragma('busy_timeout = 0')
    try {
      return checkpoint(this.#database, 'TRUNCATE')
    } finally {
      this.#database.pragma(`busy_timeout = ${String(waitMs)}`)
    }
  }

  /**
   * Moves all of it, waits for the disk, and begins it anew. Throws `storage-failed` when somebody who is reading keeps
   * it from being done.
   */
  rewrite(): void {
    if (checkpoint(this.#database, 'TRUNCATE')) return
    throw new SyncError(
      'storage-failed',
      `${this.#database.name} is being read, and cannot be made sure of after an error.`,
    )
  }
}

/**
 * Closes `database`, whose disk failed, with its log as it is. Which of the pages that were moved reached the disk nobody
 * knows; SQLite does, as long as it is open, and takes them for safe. Whoever opens it next moves all of them again.
 */
export function closeLeavingLog(database: SqliteDatabase): void {
  // The last connection that closes moves the rest of the log and removes it, unless it may only read.
  const reader = openReadOnly(database.name)
  try {
    // Before it has read anything it does not count.
    reader.pragma('schema_version')
    database.close()
  } finally {
    reader.close()
  }
}

function checkpoint(database: SqliteDatabase, mode: 'PASSIVE' | 'TRUNCATE'): boolean {
  const [result] = database.pragma(`wal_checkpoint(${mode})`) as CheckpointRow[]
  return result?.busy === 0
}
