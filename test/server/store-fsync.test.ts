import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { parseDocumentId } from '../../shared/ids.ts'
import { Engine } from '../../server/store/engine.ts'
import { encodeBatch } from '../../server/store/journal-payload.ts'
import { defaultOptions } from '../../server/store/options.ts'
import { keystrokes, pending, textOf } from '../contract/store-updates.ts'

/** Where better-sqlite3 keeps `run` of every statement. */
const statements = Object.getPrototypeOf(new Database(':memory:').prepare('SELECT 1')) as Database.Statement

describe('a store whose disk reports an error', () => {
  let folder: string
  let engine: Engine

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'weft-fsync-'))
    engine = new Engine({ ...defaultOptions, folder }, { reserved: new Map(), journalEnd: null })
  })

  afterEach(async () => {
    vi.restoreAllMocks()
    await engine.close()
    await rm(folder, { recursive: true })
  })

  /** The next insert into the journal is carried out and then reported as failed, as when fsync fails after the write. */
  function failNextCommit(code: string): { reopened(): boolean } {
    const run = statements.run
    let connection: Database.Database | null = null
    vi.spyOn(statements, 'run').mockImplementation(function (this: Database.Statement, ...values: unknown[]) {
      const result = Reflect.apply(run, this, values)
      if (!this.source.startsWith('INSERT INTO journal') || connection !== null) return result
      connection = this.database
      throw new Database.SqliteError('disk I/O error', code)
    })
    return { reopened: () => connection?.open === false }
  }

  const write = async (handle: number, updates: Uint8Array[]) => {
    const { firstSeqs } = await engine.commit(encodeBatch({ documents: [{ handle, updates: pending(updates) }] }))
    return firstSeqs
  }

  test.for(['SQLITE_IOERR_FSYNC', 'SQLITE_IOERR_WRITE'])(
    '[SX5] after %s nothing is written before the connection was renewed, and what was rejected is not in the log',
    async (code) => {
      const { handle } = await engine.open(parseDocumentId('a'))
      await write(handle, keystrokes('ab'))
      const failure = failNextCommit(code)
      await expect(write(handle, keystrokes('abc').slice(2))).rejects.toMatchObject({
        code: 'storage-failed',
        message: expect.stringContaining(code),
      })
      expect((await engine.open(parseDocumentId('a'))).head).toBe(2)
      expect(await write(handle, keystrokes('abc').slice(2))).toEqual([3])
      expect(failure.reopened()).toBe(true)
      expect(textOf(await engine.content(handle))).toBe('abc')
    },
  )

  test('[SX6] a document whose first commit failed keeps its handle', async () => {
    const { handle } = await engine.open(parseDocumentId('a'))
    failNextCommit('SQLITE_IOERR_FSYNC')
    await expect(write(handle, keystrokes('a'))).rejects.toMatchObject({ code: 'storage-failed' })
    expect((await engine.open(parseDocumentId('a'))).handle).toBe(handle)
    expect(await write(handle, keystrokes('a'))).toEqual([1])
  })

  test('[SX7] an error that leaves the connection sound does not cost it', async () => {
    const { handle } = await engine.open(parseDocumentId('a'))
    const failure = failNextCommit('SQLITE_FULL')
    await expect(write(handle, keystrokes('a'))).rejects.toMatchObject({ code: 'storage-full' })
    expect(failure.reopened()).toBe(false)
  })
})
