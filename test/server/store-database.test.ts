import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parseDocumentId } from '../../shared/ids.ts'
import { assertDurable } from '../../server/store/database.ts'
import { encodeBatch } from '../../server/store/journal-payload.ts'
import { defaultOptions } from '../../server/store/options.ts'
import { Storage } from '../../server/store/storage.ts'
import { keystrokes, pending } from '../contract/store-updates.ts'

describe('the database', () => {
  let folder: string
  let storage: Storage

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'weft-database-'))
    storage = new Storage(
      { ...defaultOptions, file: join(folder, 'weft.db') },
      { reserved: new Map(), journalEnd: null },
    )
  })

  afterEach(async () => {
    storage.database.close()
    await rm(folder, { recursive: true })
  })

  const pragma = (name: string) => storage.database.pragma(name, { simple: true })

  function commit(name: string, text: string): number[] {
    const handle = storage.documents.handleOf(parseDocumentId(name))
    return storage.journal.commit(encodeBatch({ documents: [{ handle, updates: pending(keystrokes(text)) }] }))
  }

  test('[DB1] waits for the disk at every commit: synchronous is FULL after a write, not only before it', () => {
    commit('a', 'a')
    expect(pragma('synchronous')).toBe(2)
    expect(pragma('journal_mode')).toBe('wal')
  })

  test('[DB2] whose commits do not wait for the disk is refused', () => {
    storage.database.pragma('synchronous = NORMAL')
    expect(() => assertDurable(storage.database)).toThrow('synchronous = 1')
    expect(() => storage.probe()).toThrow('synchronous = 1')
  })

  test('[DB3] is never read through memory mapping, and gives back free pages', () => {
    expect(pragma('mmap_size')).toBe(0)
    expect(pragma('auto_vacuum')).toBe(2)
    expect(pragma('foreign_keys')).toBe(1)
  })

  test('[DB4] has strict tables only', () => {
    const tables = storage.database.prepare("SELECT sql FROM sqlite_schema WHERE type = 'table'").pluck().all()
    expect(tables).not.toEqual([])
    for (const sql of tables) expect(sql).toMatch(/STRICT(, WITHOUT ROWID)?$/)
  })

  test('[DB5] takes one journal row per commit, and none once it is distributed', () => {
    const rows = storage.database.prepare('SELECT COUNT(*) FROM journal').pluck()
    commit('a', 'abc')
    commit('b', 'abc')
    expect(rows.get()).toBe(2)
    expect(storage.distribute()).toEqual([1, 2])
    expect(rows.get()).toBe(0)
    expect(storage.database.prepare('SELECT document, first_seq, last_seq FROM segments').raw().all()).toEqual([
      [1, 1, 3],
      [2, 1, 3],
    ])
  })

  test('[DB6] whose distribution fails keeps the journal, and the next one moves all of it', () => {
    commit('a', 'abc')
    storage.database.exec("CREATE TEMP TRIGGER fail BEFORE DELETE ON journal BEGIN SELECT RAISE(ABORT, 'no'); END")
    expect(() => storage.distribute()).toThrow('no')
    expect(storage.database.prepare('SELECT COUNT(*) FROM segments').pluck().get()).toBe(0)
    commit('a', 'd')
    storage.database.exec('DROP TRIGGER temp.fail')
    storage.distribute()
    expect(storage.segments.read(1, 4)).toMatchObject({ firstSeq: 1 })
    expect(storage.documents.row(1)?.head_seq).toBe(4)
  })
})
