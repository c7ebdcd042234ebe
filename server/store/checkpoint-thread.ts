/**
 * Entry of the checkpointing thread: moves the write-ahead log into the database file, over a connection of its own,
 * whenever it is told to. Commits go on meanwhile.
 *
 * When somebody committed meanwhile, SQLite does not wait for the disk; who moves the rest has to, for all of it. The
 * database file is therefore flushed here, so that the rest takes no longer than it is large.
 */
import { fsyncSync, readdirSync, readlinkSync, realpathSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { SyncError } from '../../shared/errors.ts'
import { yieldToOtherThreads } from '../threads/priority.ts'
import type { SqliteDatabase } from './database.ts'

/** `end` closes the database, and the thread ends. */
export type CheckpointRequest = 'move' | 'end'

/** To each `move`. After an error the database is closed, and the thread ends. `code` is SQLite's; null is another error. */
export type CheckpointAnswer = 'moved' | { readonly code: string | null; readonly message: string }

/** Linux lists a process's descriptors here, as links to what they are open on. */
const DESCRIPTORS = '/proc/self/fd'

const port = parentPort
if (port === null) throw new SyncError('unsupported-runtime', 'The checkpointing thread is started by the store.')

const file = String(workerData)
let database: SqliteDatabase | null = null
let descriptor: number | null = null

yieldToOtherThreads()
// Loading is work enough to step back before.
const { openForCheckpoints, sqliteCode, sqliteError } = await import('./database.ts')
port.on('message', (request: CheckpointRequest) => {
  if (request === 'end') end()
  else carryOut()
})

function carryOut(): void {
  try {
    move()
    answer('moved')
  } catch (thrown) {
    const failure = { code: sqliteCode(thrown), message: messageOf(thrown) }
    // Whoever is told may rely on the database being closed.
    database?.close()
    answer(failure)
    port?.close()
  }
}

function move(): void {
  database ??= openForCheckpoints(file)
  database.pragma('wal_checkpoint(PASSIVE)')
  descriptor ??= databaseDescriptor()
  if (descriptor === null) return
  try {
    fsyncSync(descriptor)
  } catch (thrown) {
    throw sqliteError('SQLITE_IOERR_FSYNC', messageOf(thrown))
  }
}

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}

function end(): void {
  database?.close()
  port?.close()
}

function answer(message: CheckpointAnswer): void {
  port?.postMessage(message, [])
}

/**
 * The descriptor that SQLite has of the file, open for as long as any connection is: to close another one would release
 * all locks that this process has on the file. Null where they are not listed.
 */
function databaseDescriptor(): number | null {
  try {
    const path = realpathSync(file)
    const name = readdirSync(DESCRIPTORS).find((each) => targetOf(each) === path)
    return name === undefined ? null : Number(name)
  } catch {
    // Not Linux, or a sandbox that forbids it: whoever moves the rest waits longer.
    return null
  }
}

function targetOf(name: string): string | null {
  try {
    return readlinkSync(`${DESCRIPTORS}/${name}`)
  } catch {
    // Closed since it was listed.
    return null
  }
}
