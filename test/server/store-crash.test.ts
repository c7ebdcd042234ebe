import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openSqliteStore } from '../../server/store/sqlite-store.ts'
import { logOf, openNamed, textOf, keystrokes } from '../contract/store-updates.ts'
import { editDatabase, killedStore, startChild } from './store-files.ts'

describe('a store that is killed', () => {
  let root: string
  let folder: string

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'weft-crash-'))
    folder = join(root, 'data')
  })

  afterEach(() => rm(root, { recursive: true }))

  test.for([
    ['at its first commit', 1, {}],
    ['with everything in the journal', 300, {}],
    ['while it distributes the journal', 300, { maxJournalRows: 7 }],
    ['while it packs', 300, { idleAfterMs: 0, packAfterUpdates: 3, maxJournalRows: 11 }],
    ['while it moves the write-ahead log', 300, { checkpointAfterBytes: 8192 }],
  ] as const)('[SC1] holds every commit it acknowledged, killed %s', async ([, commits, options]) => {
    const acknowledged = await killedStore(folder, commits, options)
    const store = await openSqliteStore({ folder })
    try {
      const opened = [await openNamed(store, 'a'), await openNamed(store, 'b')]
      const stored = opened.reduce((sum, { head }) => sum + head, 0)
      // The one commit that was under way may be there as well.
      expect(stored - acknowledged).toBeGreaterThanOrEqual(0)
      expect(stored - acknowledged).toBeLessThanOrEqual(1)
      for (const { handle, head } of opened) {
        expect(await logOf(store, handle, 1, head)).toEqual(keystrokes('x'.repeat(head)))
        expect(textOf(await store.content(handle))).toBe('x'.repeat(head))
      }
      expect((await store.verify()).problems).toEqual([])
    } finally {
      await store.close()
    }
  })

  test('[SC2] is opened again at once, although its lock was never released', async () => {
    await killedStore(folder, 1)
    // It would reject.
    const store = await openSqliteStore({ folder, lockWaitMs: 0 })
    await store.close()
  })

  test('[SC3] goes on with the next seq', async () => {
    await killedStore(folder, 4)
    const store = await openSqliteStore({ folder })
    const { handle, head } = await openNamed(store, 'a')
    const update = keystrokes('y', 2)[0] ?? new Uint8Array()
    const commit = { documents: [{ handle, updates: [{ bytes: update, author: { user: '', name: '' }, atMs: 1 }] }] }
    expect(await store.commit(commit)).toEqual([head + 1])
    await store.close()
  })
})

describe('a data folder', () => {
  let root: string
  let folder: string

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'weft-folder-'))
    folder = join(root, 'data')
  })

  afterEach(() => rm(root, { recursive: true }))

  test('[SF1] takes one process at a time, and tells the second one which has it', async () => {
    const child = startChild(folder)
    await child.opened()
    await expect(openSqliteStore({ folder, lockWaitMs: 0 })).rejects.toMatchObject({
      code: 'storage-locked',
      message: `Process ${child.pid} is using ${folder}; stop it, or choose another folder.`,
    })
    await child.saved(1)
    await child.kill()
  })

  test('[SF2] takes one store of a process at a time, and a refused one does not free it', async () => {
    const store = await openSqliteStore({ folder })
    for (let attempt = 0; attempt < 2; attempt++) {
      await expect(openSqliteStore({ folder, lockWaitMs: 0 })).rejects.toMatchObject({ code: 'storage-locked' })
    }
    await expect(store.probe()).resolves.toBeUndefined()
    await store.close()
    await (await openSqliteStore({ folder, lockWaitMs: 0 })).close()
  })

  test('[SF3] and its files are readable by their owner only', async () => {
    const store = await openSqliteStore({ folder })
    expect((await stat(folder)).mode & 0o777).toBe(0o700)
    for (const file of await readdir(folder)) {
      expect([file, (await stat(join(folder, file))).mode & 0o777]).toEqual([file, 0o600])
    }
    await store.close()
  })

  test('[SF4] holds one database file and a lock once the store is closed', async () => {
    await (await openSqliteStore({ folder })).close()
    expect((await readdir(folder)).sort()).toEqual(['weft.db', 'weft.lock'])
  })

  test('[SF5] written by a newer version is refused', async () => {
    await (await openSqliteStore({ folder })).close()
    editDatabase(folder, (database) => database.pragma('user_version = 999'))
    await expect(openSqliteStore({ folder })).rejects.toMatchObject({
      code: 'unsupported-runtime',
      message: expect.stringContaining('format 999'),
    })
  })

  test('[SF6] that cannot be made is told', async () => {
    await (await openSqliteStore({ folder })).close()
    await expect(openSqliteStore({ folder: join(folder, 'weft.db', 'x') })).rejects.toMatchObject({
      code: 'storage-failed',
      message: expect.stringContaining('cannot be used'),
    })
  })
})
