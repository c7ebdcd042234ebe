import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openSqliteStore } from '../../server/store/sqlite-store.ts'
import type { SqliteStoreOptions } from '../../server/store/options.ts'
import type { Store } from '../../server/ports/store.ts'
import { ann, bob, keystrokes, logOf, openNamed, pending } from '../contract/store-updates.ts'
import { eventually } from '../support/eventually.ts'

describe('packing', () => {
  let folder: string
  let store: Store

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'weft-packing-'))
  })

  afterEach(async () => {
    await store.close()
    await rm(folder, { recursive: true })
  })

  async function open(options: Partial<SqliteStoreOptions> = {}): Promise<Store> {
    store = await openSqliteStore({ folder, ...options })
    return store
  }

  /** Commits `updates` to document `a`, `perCommit` at a time. */
  async function commitAll(updates: readonly Uint8Array[], perCommit: number): Promise<number> {
    const { handle, head } = await openNamed(store, 'a')
    for (let at = 0; at < updates.length; at += perCommit) {
      const author = (head + at) % 2 === 0 ? ann : bob
      await store.commit({
        documents: [{ handle, updates: pending(updates.slice(at, at + perCommit), (head + at) * 1_000, author) }],
      })
    }
    return handle
  }

  function query<T>(sql: string): T[] {
    const database = new Database(join(folder, 'weft.db'), { readonly: true })
    try {
      return database.prepare<[], T>(sql).all()
    } finally {
      database.close()
    }
  }

  const segments = (): { first: number; last: number; encoding: number }[] =>
    query('SELECT first_seq AS first, last_seq AS last, encoding FROM segments ORDER BY first_seq')

  test('[PK1] makes large compressed segments of small ones, and every update is read as before', async () => {
    await open({ maxJournalRows: 10, maxSegmentUpdates: 100 })
    const updates = keystrokes('lorem ipsum '.repeat(30))
    const handle = await commitAll(updates, 1)
    await store.tidy()
    const packed = segments()
    expect(packed.map(({ encoding }) => encoding)).toEqual([1, 1, 1, 1])
    const seams = packed.map(({ last }) => last)
    expect(packed.map(({ first }) => first)).toEqual([1, ...seams.slice(0, -1).map((last) => last + 1)])
    for (const last of seams.slice(0, -1)) {
      expect(await logOf(store, handle, last - 1, last + 2)).toEqual(updates.slice(last - 2, last + 2))
    }
    expect(await logOf(store, handle, 1, 360)).toEqual(updates)
    expect(await store.timeline(handle, { pauseMs: 5_000, limit: 1 })).toMatchObject([{ toSeq: 360, ...bob }])
    expect((await store.verify()).problems).toEqual([])
  })

  test('[PK2] goes on where it stopped: a segment that is not full yet is filled by later updates', async () => {
    await open({ maxSegmentUpdates: 100 })
    const updates = keystrokes('lorem ipsum '.repeat(20))
    await commitAll(updates.slice(0, 150), 50)
    await store.tidy()
    expect(segments().map(({ last }) => last)).toEqual([100, 150])
    const handle = await commitAll(updates.slice(150), 50)
    await store.tidy()
    expect(segments().map(({ last }) => last)).toEqual([100, 240])
    expect(await logOf(store, handle, 1, 240)).toEqual(updates)
  })

  test('[PK3] of a tidy store changes nothing', async () => {
    await open({ maxSegmentUpdates: 100 })
    await commitAll(keystrokes('lorem ipsum '.repeat(20)), 50)
    await store.tidy()
    const before = query('SELECT * FROM segments')
    await store.tidy()
    expect(query('SELECT * FROM segments')).toEqual(before)
  })

  test('[PK4] leaves no free pages and no write-ahead log behind', async () => {
    await open()
    await commitAll(keystrokes('x'.repeat(3_000)), 3)
    await store.tidy()
    expect(query('PRAGMA freelist_count')).toEqual([{ freelist_count: 0 }])
    expect((await stat(join(folder, 'weft.db-wal'))).size).toBe(0)
    // 3,000 keystrokes of 20 bytes and more.
    expect((await stat(join(folder, 'weft.db'))).size).toBeLessThan(30_000)
  })

  test('[PK5] is done by itself once nobody writes', async () => {
    await open({ idleAfterMs: 10, packAfterUpdates: 50 })
    await commitAll(keystrokes('x'.repeat(200)), 10)
    await eventually(() => expect(segments()).toEqual([{ first: 1, last: 200, encoding: 1 }]))
    await eventually(async () => expect((await stat(join(folder, 'weft.db-wal'))).size).toBe(0))
  })

  test('[PK8] empties the write-ahead log even though somebody was reading when it was due', async () => {
    await open({ idleAfterMs: 10 })
    await commitAll(keystrokes('abc'), 1)
    const reader = new Database(join(folder, 'weft.db'), { readonly: true })
    reader.exec('BEGIN; SELECT * FROM store')
    // Moved out of the journal: all that is left to be done is what the reader keeps from being done.
    await eventually(() => expect(query('SELECT * FROM journal')).toEqual([]))
    await store.list(1)
    expect((await stat(join(folder, 'weft.db-wal'))).size).toBeGreaterThan(0)
    reader.close()
    await eventually(async () => expect((await stat(join(folder, 'weft.db-wal'))).size).toBe(0))
  })

  test('[PK6] waits until it is worth it', async () => {
    await open({ idleAfterMs: 10, packAfterUpdates: 500 })
    await commitAll(keystrokes('x'.repeat(200)), 100)
    await eventually(async () => expect((await stat(join(folder, 'weft.db-wal'))).size).toBe(0))
    expect(segments().map(({ encoding }) => encoding)).not.toContain(1)
  })

  test('[PK7] the journal is distributed when it is long, whether or not anybody pauses', async () => {
    await open({ maxJournalRows: 5, idleAfterMs: 60_000 })
    await commitAll(keystrokes('abcde'), 1)
    await eventually(() => expect(segments().at(-1)?.last).toBe(5))
    expect(query('SELECT * FROM journal')).toEqual([])
  })
})
