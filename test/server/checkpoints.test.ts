import { closeSync, openSync, readSync, statSync, writeSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { parseDocumentId } from '../../shared/ids.ts'
import { PAGE_BYTES } from '../../server/store/database.ts'
import { Engine } from '../../server/store/engine.ts'
import { encodeBatch } from '../../server/store/journal-payload.ts'
import { defaultOptions, type SqliteStoreOptions } from '../../server/store/options.ts'
import { keystrokes, pastes, pending, textOf } from '../contract/store-updates.ts'
import { eventually, until } from '../support/eventually.ts'
import { livingThread, seenThreads } from '../support/seen-threads.ts'

vi.mock('node:worker_threads', async (original) => (await import('../support/seen-threads.ts')).seeThreads(original))

/** Where better-sqlite3 keeps `run` of every statement. */
const statements = Object.getPrototypeOf(new Database(':memory:').prepare('SELECT 1')) as Database.Statement

const DUE_BYTES = 2 ** 20
const paste = pastes(1, 8_000)
/** Somebody who always writes does so this often, and not as fast as a test can. */
const GAP_MS = 1
/** Of the header of a write-ahead log: how often it was begun anew. */
const BEGUN_AT = 12

describe('the write-ahead log', () => {
  let folder: string
  let engine: Engine
  let handle: number

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'weft-checkpoints-'))
    seenThreads.length = 0
  })

  afterEach(async () => {
    vi.restoreAllMocks()
    await engine.close()
    await rm(folder, { recursive: true })
  })

  async function open(options: Partial<SqliteStoreOptions> = {}): Promise<void> {
    const all = { ...defaultOptions, checkpointAfterBytes: DUE_BYTES, ...options, folder }
    engine = new Engine(all, { reserved: new Map(), journalEnd: null })
    handle = (await engine.open(parseDocumentId('a'))).handle
  }

  const write = (updates: readonly Uint8Array[]) =>
    engine.commit(encodeBatch({ documents: [{ handle, updates: pending(updates) }] }))

  /** Writes without pause until `isEnough`; returns how long the log became, in bytes. */
  async function writeUntil(isEnough: () => boolean): Promise<number> {
    let longest = 0
    while (!isEnough()) {
      await write(paste)
      longest = Math.max(longest, logBytes())
      await pause(GAP_MS)
    }
    return longest
  }

  const logFile = (): string => join(folder, 'weft.db-wal')
  const logBytes = (): number => statSync(logFile()).size

  function timesBegun(): number {
    const header = Buffer.alloc(BEGUN_AT + 4)
    const descriptor = openSync(logFile(), 'r')
    readSync(descriptor, header, 0, header.length, 0)
    closeSync(descriptor)
    return header.readUInt32BE(BEGUN_AT)
  }

  const thread = () => livingThread('checkpoint')
  const threadsMade = (): number => seenThreads.filter(({ kind }) => kind === 'checkpoint').length

  test('[CK1] is begun anew again and again although somebody always writes, and stays short', async () => {
    await open()
    const before = timesBegun()
    expect(await writeUntil(() => timesBegun() >= before + 4)).toBeLessThan(4 * DUE_BYTES)
    expect(threadsMade()).toBeGreaterThan(0)
  })

  test('[CK7] is moved by a thread that ends when it is not needed for a while, and by another one after that', async () => {
    await open({ idleAfterMs: 2 ** 30 })
    await writeUntil(() => thread() !== null)
    await until(() => thread() === null)
    await writeUntil(() => thread() !== null)
    const before = timesBegun()
    await writeUntil(() => timesBegun() > before)
  })

  test('[CK2] is moved by another thread when the one that did it has died', async () => {
    await open()
    await writeUntil(() => thread() !== null)
    await thread()?.terminate()
    const before = timesBegun()
    await writeUntil(() => timesBegun() > before)
    expect(threadsMade()).toBeGreaterThan(1)
  })

  test('[CK3] when its thread meets an I/O error, nothing is written before the connection was renewed', async () => {
    await open()
    const connections = new Set<Database.Database>()
    const run = statements.run
    vi.spyOn(statements, 'run').mockImplementation(function (this: Database.Statement, ...values: unknown[]) {
      if (this.source.startsWith('INSERT INTO journal')) connections.add(this.database)
      return Reflect.apply(run, this, values)
    })
    await writeUntil(() => thread() !== null)
    // As though it answered that.
    thread()?.emit('message', { code: 'SQLITE_IOERR_FSYNC', message: 'disk I/O error' })
    await eventually(async () => {
      await write(keystrokes('a'))
      expect(connections.size).toBe(2)
    })
    expect([...connections].map((connection) => connection.open)).toEqual([false, true])
  })

  test('[CK4] is moved from its beginning after an I/O error, whatever was moved and not flushed before', async () => {
    await open()
    const updates = keystrokes('abcd')
    await write(updates.slice(0, 2))
    const [reader, mover] = [openAnother({ readonly: true }), openAnother({})]
    reader.exec('BEGIN; SELECT * FROM store')
    await write(updates.slice(2, 3))
    const [moved] = mover.pragma('wal_checkpoint(PASSIVE)') as { log: number; checkpointed: number }[]
    expect(moved?.checkpointed).toBeGreaterThan(0)
    expect(moved?.checkpointed).toBeLessThan(moved?.log ?? 0)
    reader.close()
    mover.close()
    loseDatabaseFile()
    failNextCommit()
    await expect(write(updates.slice(3))).rejects.toMatchObject({ code: 'storage-failed' })
    await write(updates.slice(3))
    expect(textOf(await engine.content(handle))).toBe('abcd')
    await engine.close()
    await open()
    expect(textOf(await engine.content(handle))).toBe('abcd')
  })

  test('[CK5] is emptied when nobody writes any more, and its thread ended', async () => {
    await open({ idleAfterMs: 10 })
    await writeUntil(() => thread() !== null)
    await eventually(() => expect([logBytes(), thread()]).toEqual([0, null]))
  })

  test('[CK6] costs little while somebody is reading, and is begun anew once nobody does', async () => {
    await open()
    await write(keystrokes('a'))
    const reader = openAnother({ readonly: true })
    reader.exec('BEGIN; SELECT * FROM store')
    await writeUntil(() => thread() !== null)
    const tell = vi.spyOn(thread() ?? expect.fail(), 'postMessage')
    await writeUntil(() => logBytes() > 4 * DUE_BYTES)
    // Once when it is due, and once more to see that there is no more to be had.
    expect(tell.mock.calls.length).toBeLessThan(2 * 4)
    reader.close()
    const before = timesBegun()
    await writeUntil(() => timesBegun() > before)
  })

  function openAnother(options: Database.Options): Database.Database {
    return new Database(join(folder, 'weft.db'), options)
  }

  /** All but the first page, which says that it is a database. */
  function loseDatabaseFile(): void {
    const file = join(folder, 'weft.db')
    const descriptor = openSync(file, 'r+')
    writeSync(descriptor, Buffer.alloc(statSync(file).size - PAGE_BYTES), 0, null, PAGE_BYTES)
    closeSync(descriptor)
  }

  function failNextCommit(): void {
    const run = statements.run
    let hasFailed = false
    vi.spyOn(statements, 'run').mockImplementation(function (this: Database.Statement, ...values: unknown[]) {
      if (!this.source.startsWith('INSERT INTO journal') || hasFailed) return Reflect.apply(run, this, values)
      hasFailed = true
      throw new Database.SqliteError('disk I/O error', 'SQLITE_IOERR_FSYNC')
    })
  }
})
