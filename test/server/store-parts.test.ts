/** Large updates: written in parts, between which others commit, and there as a whole or not at all. */
import { cpSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { crc32 } from 'node:zlib'
import Database from 'better-sqlite3'
import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Author, Store } from '../../server/ports/store.ts'
import { carryChecksum, joinChecksums } from '../../server/store/checksum.ts'
import { Engine } from '../../server/store/engine.ts'
import type { Committed } from '../../server/store/engine-calls.ts'
import { encodeBatch, encodeLarge } from '../../server/store/journal-payload.ts'
import { defaultOptions, type SqliteStoreOptions } from '../../server/store/options.ts'
import { openSqliteStore } from '../../server/store/sqlite-store.ts'
import { parseDocumentId } from '../../shared/ids.ts'
import { ann, bob, keystrokes, logOf, openNamed, pastes, pending, textOf } from '../contract/store-updates.ts'
import { livingThread } from '../support/seen-threads.ts'
import { editDatabase, killedStore } from './store-files.ts'

vi.mock('node:worker_threads', async (original) => (await import('../support/seen-threads.ts')).seeThreads(original))

const PART_BYTES = 4_096
const PARTS = 6
const LETTERS = PARTS * PART_BYTES - 100

/** A letter, a large update after it, and another letter. */
const [first = new Uint8Array(), large = new Uint8Array(), last = new Uint8Array()] = [
  ...keystrokes('x', 2),
  ...pastes(1, LETTERS),
  ...keystrokes('y', 3),
]

let root: string
let folder: string

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'weft-parts-'))
  folder = join(root, 'data')
})

afterEach(async () => {
  vi.restoreAllMocks()
  await rm(root, { recursive: true })
})

const query = (sql: string): unknown[] => editDatabase(folder, (database) => database.prepare(sql).raw().all())
const rowsIn = (table: string): unknown => query(`SELECT COUNT(*) FROM ${table}`)[0]

describe('a large commit', () => {
  let engine: Engine

  beforeEach(() => {
    engine = new Engine({ ...defaultOptions, partBytes: PART_BYTES, folder }, { reserved: new Map(), journalEnd: null })
  })

  afterEach(() => engine.close())

  const handleOf = async (name: string): Promise<number> => (await engine.open(parseDocumentId(name))).handle

  async function write(handle: number, bytes: Uint8Array, atMs = 1_000): Promise<Committed> {
    return engine.commit(encodeBatch({ documents: [{ handle, updates: pending([bytes], atMs) }] }))
  }

  function writeLarge(handle: number, author: Author = ann): Promise<Committed> {
    const update = { bytes: large.slice(), author, atMs: 7_000 }
    return engine.commitLarge({ payload: encodeLarge(handle, update), bytes: update.bytes, owners: [] })
  }

  /** What is called before each statement that is run, with its SQL. */
  function beforeStatements(seen: (sql: string, database: Database.Database) => void): void {
    const statements = Object.getPrototypeOf(new Database(':memory:').prepare('SELECT 1')) as Database.Statement
    const run = statements.run
    vi.spyOn(statements, 'run').mockImplementation(function (this: Database.Statement, ...values: unknown[]) {
      seen(this.source, this.database)
      return Reflect.apply(run, this, values)
    })
  }

  test('[LU1] others commit between its parts, and neither see it nor wait for it', async () => {
    const [handle, other] = [await handleOf('large'), await handleOf('other')]
    await write(handle, first)
    const writes: string[] = []
    beforeStatements((sql) => void writes.push(sql.split(' ', 3)[2] ?? ''))
    let isDone = false
    const writing = writeLarge(handle).finally(() => (isDone = true))
    const letters = keystrokes('x'.repeat(1_000))
    for (const letter of letters) {
      await nextTurn()
      if (isDone) break
      await write(other, letter)
      expect((await engine.open(parseDocumentId('large'))).head).toBe(isDone ? 2 : 1)
    }
    expect((await writing).firstSeqs).toEqual([2])
    const order = writes.filter((table) => table === 'parts' || table === 'journal').join(' ')
    expect(order).toMatch(/^(journal )*(parts (journal )+){6}journal/)
  })

  test('[LU2] of one that a crash cuts off between two parts nothing is there, of one that is done everything, and no parts stay behind', async () => {
    const handle = await handleOf('a')
    await write(handle, first)
    const copies: { readonly folder: string; readonly isDone: boolean }[] = []
    const crash = (isDone: boolean): void => {
      const copy = join(root, `copy-${copies.length}`)
      cpSync(folder, copy, { recursive: true })
      copies.push({ folder: copy, isDone })
    }
    const partsIn = (sql: string): boolean => sql.startsWith('INSERT INTO parts')
    beforeStatements((sql, database) => {
      if (database.name === join(folder, 'weft.db') && (partsIn(sql) || sql.startsWith('INSERT INTO journal')))
        crash(false)
    })
    await writeLarge(handle)
    vi.restoreAllMocks()
    crash(true)
    expect(copies.length).toBe(PARTS + 2)
    for (const copy of copies) {
      folder = copy.folder
      const store = await openSqliteStore({ folder })
      const opened = await openNamed(store, 'a')
      const expected = copy.isDone ? [first, large] : [first]
      expect(await logOf(store, opened.handle, 1, 9)).toEqual(expected)
      expect((await store.verify()).problems).toEqual([])
      await store.close()
      expect([rowsIn('parts'), rowsIn('unfinished_parts')]).toEqual([[copy.isDone ? PARTS : 0], [0]])
    }
  })

  test('[LU3] distribution moves it without its bytes, and packing leaves it as it is', async () => {
    const handle = await handleOf('a')
    await write(handle, first)
    await writeLarge(handle, bob)
    await write(handle, last, 9_000)
    const before = query('SELECT id, number, CAST(bytes AS BLOB) FROM parts')
    const written: string[] = []
    beforeStatements((sql) => void written.push(sql))
    await engine.tidy()
    expect(written.filter((sql) => sql.includes(' parts'))).toEqual([])
    expect(query('SELECT id, number, CAST(bytes AS BLOB) FROM parts')).toEqual(before)
    const segments = query('SELECT first_seq, last_seq, first_at_ms, encoding, LENGTH(payload) < 100 FROM segments')
    expect(segments).toEqual([
      [1, 1, 1_000, 0, 1],
      [2, 2, 7_000, 2, 1],
      [3, 3, 9_000, 0, 1],
    ])
    expect(textOf(await engine.content(handle))).toHaveLength(LETTERS + 2)
    expect(await engine.seqAt(handle, 8_000)).toBe(2)
    const [, entry] = await engine.timeline(handle, { pauseMs: 1, limit: 9 })
    expect(entry).toMatchObject({ fromSeq: 2, toSeq: 2, user: bob.user, bytes: large.length })
    await engine.tidy()
    expect(query('SELECT packed_seq, head_seq FROM documents')).toEqual([[2, 3]])
  })

  test('[LU4] one that fails leaves nothing that counts, and what it wrote goes before the next is written', async () => {
    const handle = await handleOf('a')
    let inserts = 0
    beforeStatements((sql) => {
      if (sql.startsWith('INSERT INTO parts') && ++inserts === 4) throw new Database.SqliteError('full', 'SQLITE_FULL')
    })
    await expect(writeLarge(handle)).rejects.toMatchObject({ code: 'storage-full' })
    expect(rowsIn('parts')).toEqual([3])
    expect((await engine.open(parseDocumentId('a'))).head).toBe(0)
    expect((await writeLarge(handle)).firstSeqs).toEqual([1])
    expect([rowsIn('parts'), rowsIn('unfinished_parts')]).toEqual([[PARTS], [0]])
  })

  test('[LU5] one that meets an I/O error of another commit is given up, since nobody knows what of it is on the disk', async () => {
    const [handle, other] = [await handleOf('a'), await handleOf('other')]
    const failed: Promise<unknown>[] = []
    let parts = 0
    beforeStatements((sql) => {
      if (sql.startsWith('INSERT INTO parts') && ++parts === 3) failed.push(write(other, first).catch(() => null))
      if (sql.startsWith('INSERT INTO journal') && parts === 3) {
        parts++
        throw new Database.SqliteError('disk I/O error', 'SQLITE_IOERR_FSYNC')
      }
    })
    await expect(writeLarge(handle)).rejects.toMatchObject({ code: 'storage-failed' })
    await Promise.all(failed)
    expect((await writeLarge(handle)).firstSeqs).toEqual([1])
    expect(textOf(await engine.content(handle))).toHaveLength(LETTERS)
    expect([rowsIn('parts'), rowsIn('unfinished_parts')]).toEqual([[PARTS], [0]])
  })
})

describe('a store with large updates', () => {
  let store: Store

  afterEach(() => store.close())

  const open = async (options: Partial<SqliteStoreOptions> = {}): Promise<void> => {
    store = await openSqliteStore({ folder, partBytes: PART_BYTES, ...options })
  }

  const commit = (handle: number, bytes: Uint8Array) =>
    store.commit({ documents: [{ handle, updates: pending([bytes]) }] })

  test('[LU6] keeps those of several documents that are written at a time, and the small ones beside them', async () => {
    await open()
    const handles = await Promise.all(['a', 'b', 'c'].map(async (name) => (await openNamed(store, name)).handle))
    const [a = 0, b = 0, c = 0] = handles
    const before = [commit(a, large), commit(b, large)]
    const small = await commit(c, first)
    expect(small).toEqual([1])
    expect(await Promise.all(before)).toEqual([[1], [1]])
    expect(await Promise.all([commit(b, first), commit(a, last)])).toEqual([[2], [2]])
    const expectAll = async (): Promise<void> => {
      expect(await logOf(store, a, 1, 9)).toEqual([large, last])
      expect(await logOf(store, b, 1, 9)).toEqual([large, first])
      expect(await logOf(store, c, 1, 9)).toEqual([first])
      expect((await store.verify()).problems).toEqual([])
    }
    await expectAll()
    await store.tidy()
    await expectAll()
    await store.backup(join(root, 'backup.db'))
  })

  test('[LU7] whose thread dies while one is written, or before it could report it, has it once when it is asked for again', async () => {
    await open()
    const { handle } = await openNamed(store, 'a')
    const other = (await openNamed(store, 'other')).handle
    const cutOff = commit(handle, large)
    await commit(other, first)
    void livingThread('storage')?.terminate()
    await expect(cutOff).rejects.toMatchObject({ code: 'storage-failed' })
    expect((await openNamed(store, 'a')).head).toBe(0)

    const doomed = livingThread('storage')
    doomed?.removeAllListeners('message')
    const written = new Promise((resolve) => doomed?.once('message', resolve))
    const unreported = commit(handle, large)
    expect(await written).toMatchObject({ value: { firstSeqs: [1] } })
    void doomed?.terminate()
    await expect(unreported).rejects.toMatchObject({ code: 'storage-failed' })

    expect(await commit(handle, large)).toEqual([1])
    expect(await logOf(store, handle, 1, 9)).toEqual([large])
    expect((await store.verify()).problems).toEqual([])
    await store.close()
    expect([rowsIn('parts'), rowsIn('unfinished_parts')]).toEqual([[PARTS], [0]])
  })

  test.for([
    [
      'changed, of what was distributed',
      { isDistributed: true, damage: 'UPDATE parts SET bytes = zeroblob(LENGTH(bytes)) WHERE number = 1' },
    ],
    ['lost, of what was distributed', { isDistributed: true, damage: 'DELETE FROM parts WHERE number = 1' }],
    [
      'changed, of what is in the journal',
      { isDistributed: false, damage: 'UPDATE parts SET bytes = zeroblob(LENGTH(bytes)) WHERE number = 1' },
    ],
    ['all lost, of what is in the journal', { isDistributed: false, damage: 'DELETE FROM parts' }],
  ] as const)(
    '[LU8] finds a part that is %s, and refuses its document alone',
    async ([, { isDistributed, damage }]) => {
      await open()
      const [a, b] = [(await openNamed(store, 'a')).handle, (await openNamed(store, 'b')).handle]
      await commit(a, large)
      await commit(b, first)
      if (isDistributed) await store.close()
      else {
        const crashed = join(root, 'crashed')
        cpSync(folder, crashed, { recursive: true })
        await store.close()
        folder = crashed
      }
      editDatabase(folder, (database) => database.exec(damage))
      await open()
      await expect(openNamed(store, 'a')).rejects.toMatchObject({
        code: 'storage-corrupt',
        message: expect.stringMatching(/^Document "a", seqs 1–1: A part .*"weft verify"/),
      })
      expect((await openNamed(store, 'b')).head).toBe(1)
      const { problems } = await store.verify()
      expect(problems.length).toBeGreaterThan(0)
      expect(problems.filter(({ document }) => document !== 'a')).toEqual([])
      expect((await store.list(9)).map(({ document }) => document).sort()).toEqual(['a', 'b'])
    },
  )

  test('[LU9] opens a folder of the format before it, with what a crash left in its journal', async () => {
    const acknowledged = await killedStore(folder, 20)
    editDatabase(folder, (database) => {
      database.exec('ALTER TABLE journal DROP COLUMN encoding; DROP TABLE parts; DROP TABLE unfinished_parts')
      database.pragma('user_version = 7')
    })
    await open()
    const heads = await Promise.all(['a', 'b'].map(async (name) => (await openNamed(store, name)).head))
    expect((heads[0] ?? 0) + (heads[1] ?? 0)).toBeGreaterThanOrEqual(acknowledged)
    expect((await store.verify()).problems).toEqual([])
  })
})

test('[LU10] checksums of two pieces join into that of both', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 70 }), fc.uint8Array({ maxLength: 700 }), (a, b) => {
      const before = crc32(a)
      expect(joinChecksums(before, crc32(b), b.length)).toBe(carryChecksum(before, b))
    }),
  )
})
