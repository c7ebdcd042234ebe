import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parseDocumentId } from '../../shared/ids.ts'
import { checkDatabase } from '../../server/store/check.ts'
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

  /** All updates of a document, wherever they are. */
  function read(handle: number): Uint8Array[] {
    const updates: Uint8Array[] = []
    while (updates.length < storage.log.headOf(handle)) {
      for (const { bytes } of storage.log.read(handle, updates.length + 1, storage.log.headOf(handle)).updates) {
        updates.push(bytes)
      }
    }
    return updates
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
    storage.distribute()
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
    expect(read(1).length).toBe(4)
    expect(storage.documents.row(1)?.head_seq).toBe(4)
  })

  test('[DB8] distributes in steps, between which commits go on and everything is read', () => {
    for (let at = 0; at < 150; at++) commit(`d${at}`, 'ab')
    const texts = (): number[] => Array.from({ length: 150 }, (_, at) => read(at + 1).length)
    const moved: number[] = []
    const steps = [storage.distributeStep()]
    expect(storage.journal.isDistributing).toBe(true)
    commit('d0', 'c')
    commit('d149', 'c')
    while (storage.journal.isDistributing) steps.push(storage.distributeStep())
    for (const step of steps) moved.push(...step)

    expect(steps.length).toBeGreaterThan(2)
    expect(moved.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 150 }, (_, at) => at + 1))
    expect(storage.journal.rows).toBe(2)
    expect(storage.journal.documents.toSorted((a, b) => a - b)).toEqual([1, 150])
    expect(texts()).toEqual(Array.from({ length: 150 }, (_, at) => (at === 0 || at === 149 ? 3 : 2)))
  })

  test('[DB9] a distribution that was cut short moves nothing twice', () => {
    for (let at = 0; at < 150; at++) commit(`d${at}`, 'ab')
    storage.distributeStep()
    commit('d0', 'c')
    storage.database.close()
    storage = new Storage(
      { ...defaultOptions, file: join(folder, 'weft.db') },
      { reserved: new Map(), journalEnd: null },
    )
    expect(read(1).length).toBe(3)
    storage.makeWritable()
    expect(read(1).length).toBe(3)
    expect(read(150).length).toBe(2)
    const spans = storage.database.prepare('SELECT document, first_seq, last_seq FROM segments WHERE document < 3')
    expect(spans.raw().all()).toEqual([
      [1, 1, 2],
      [1, 3, 3],
      [2, 1, 2],
    ])
  })

  test('[DB10] a document with many updates is distributed in several steps', () => {
    for (let at = 0; at < 10; at++) commit('long', 'x'.repeat(1_000))
    const steps: number[][] = []
    do steps.push(storage.distributeStep())
    while (storage.journal.isDistributing)
    expect(steps.length).toBe(4)
    expect(read(1).length).toBe(10_000)
    expect(checkDatabase(storage.database).problems).toEqual([])
  })
})
