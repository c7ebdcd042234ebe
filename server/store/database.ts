/** Opening SQLite so that "committed" means "on disk", and naming what goes wrong in it. */
import { chmodSync } from 'node:fs'
import Database from 'better-sqlite3'
import { type ErrorCode, SyncError } from '../../shared/errors.ts'

export type SqliteDatabase = Database.Database

export interface DatabaseOptions {
  /** How long a statement waits while another process reads or copies. */
  readonly busyWaitMs: number
  /** Size the write-ahead log reaches before its pages are moved into the database file. */
  readonly checkpointAfterBytes: number
  /** Upper limit of the database file; a commit beyond it fails. 0 is no limit. */
  readonly maxDatabaseBytes: number
}

/**
 * Small pages: a commit of a few keystrokes rewrites a few pages whatever their size, so that 1 KiB writes half of
 * what the usual 4 KiB does, measured at 25 updates a commit. Reading large blobs costs next to nothing more.
 */
export const PAGE_BYTES = 1024

/** `synchronous` as SQLite numbers it: every commit waits for the disk. */
const SYNCHRONOUS_FULL = 2

/** At this multiple of the size that a checkpoint is due at the commit that reaches it makes one itself. */
const LAST_RESORT = 8

/** What to do about damage that SQLite itself found. */
const HINT = ' "weft verify" lists all damage.'

const NO_SPACE: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT'])

/** Opens a connection. Throws `unsupported-runtime` when the native module does not load. */
export function connect(file: string, options: Database.Options): SqliteDatabase {
  try {
    return new Database(file, options)
  } catch (thrown) {
    if (sqliteCode(thrown) !== null || thrown instanceof TypeError) throw asStorageError(thrown, `${file} did not open`)
    throw new SyncError(
      'unsupported-runtime',
      `better-sqlite3 does not load in Node ${process.version}; run "npm rebuild better-sqlite3" with this Node.`,
      { cause: thrown },
    )
  }
}

/** Opens the database for writing; creates it, readable by its owner only. */
export function openDatabase(file: string, options: DatabaseOptions): SqliteDatabase {
  const database = connect(file, { timeout: options.busyWaitMs })
  try {
    // Before anything is written: the -wal and -shm files inherit these permissions.
    chmodSync(file, 0o600)
    // Only an empty database takes these two, and saying the second again is a write, for which a full disk has no room.
    if (database.pragma('page_count', { simple: true }) === 0) {
      database.pragma(`page_size = ${PAGE_BYTES}`)
      database.pragma('auto_vacuum = INCREMENTAL')
    }
    database.pragma('journal_mode = WAL')
    // After the journal mode: better-sqlite3's build turns this to NORMAL when a WAL database is opened.
    database.pragma('synchronous = FULL')
    database.pragma('foreign_keys = ON')
    database.pragma('cell_size_check = ON')
    // A file read through memory mapping turns an I/O error into a dead process.
    database.pragma('mmap_size = 0')
    // Checkpoints are made by a thread of their own, see checkpoints.ts; this is for when it cannot.
    database.pragma(`wal_autocheckpoint = ${Math.ceil((LAST_RESORT * options.checkpointAfterBytes) / PAGE_BYTES)}`)
    database.pragma(`journal_size_limit = ${options.checkpointAfterBytes}`)
    if (options.maxDatabaseBytes > 0) {
      database.pragma(`max_page_count = ${Math.floor(options.maxDatabaseBytes / PAGE_BYTES)}`)
    }
  } catch (thrown) {
    database.close()
    throw thrown
  }
  return database
}

/** Opens the database for reading, while a store may be writing it. */
export function openReadOnly(file: string): SqliteDatabase {
  const database = connect(file, { readonly: true, fileMustExist: true })
  database.pragma('mmap_size = 0')
  return database
}

/** Opens the database for moving its write-ahead log into it, while a store is writing it. */
export function openForCheckpoints(file: string): SqliteDatabase {
  const database = connect(file, { fileMustExist: true, timeout: 0 })
  database.pragma('journal_mode = WAL')
  database.pragma('synchronous = FULL')
  database.pragma('mmap_size = 0')
  return database
}

/** Throws `storage-failed` unless commits wait for the disk. Only a write before it makes the answer true. */
export function assertDurable(database: SqliteDatabase): void {
  const level = database.pragma('synchronous', { simple: true })
  if (level === SYNCHRONOUS_FULL) return
  throw new SyncError('storage-failed', `SQLite runs with synchronous = ${String(level)}; commits may be lost.`)
}

/** What SQLite threw, as a SyncError that holds its code. */
export function asStorageError(thrown: unknown, what: string): SyncError {
  if (thrown instanceof SyncError) return thrown
  const code = sqliteCode(thrown)
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  const errorCode = errorCodeOf(code, thrown)
  const text = `${what}: ${message}${code === null ? '' : ` (${code})`}.${errorCode === 'storage-corrupt' ? HINT : ''}`
  return new SyncError(errorCode, text, { cause: thrown })
}

/**
 * Whether the connection that threw must not be used on: after an I/O error nobody knows which of the pages
 * that were written reached the disk, and the next fsync would say that all did.
 */
export function isConnectionDoubtful(thrown: unknown): boolean {
  return sqliteCode(thrown)?.startsWith('SQLITE_IOERR') ?? false
}

function errorCodeOf(code: string | null, thrown: unknown): ErrorCode {
  if (code?.startsWith('SQLITE_CORRUPT') === true || code === 'SQLITE_NOTADB') return 'storage-corrupt'
  // What files outside SQLite report.
  const isNoSpace = thrown instanceof Error && 'code' in thrown && NO_SPACE.has(String(thrown.code))
  return code === 'SQLITE_FULL' || isNoSpace ? 'storage-full' : 'storage-failed'
}

/** What SQLite calls the error; null when it is none of SQLite's. */
export function sqliteCode(thrown: unknown): string | null {
  return thrown instanceof Database.SqliteError ? thrown.code : null
}

/** An error of a thread where its class is lost, as SQLite threw it. */
export function sqliteError(code: string, message: string): Error {
  return new Database.SqliteError(message, code)
}

/** Whether `thrown` says that another connection holds the lock. */
export function isBusy(thrown: unknown): boolean {
  return sqliteCode(thrown)?.startsWith('SQLITE_BUSY') ?? false
}
