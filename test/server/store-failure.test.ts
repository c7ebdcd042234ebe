import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { parcelOf } from '../../server/core/pieces.ts'
import { openSqliteStore } from '../../server/store/sqlite-store.ts'
import type { SqliteStoreOptions } from '../../server/store/options.ts'
import type { PendingUpdate, Store } from '../../server/ports/store.ts'
import type { Seq } from '../../shared/ids.ts'
import { ann, keystrokes, logOf, openNamed, pastes, pending, textOf } from '../contract/store-updates.ts'
import { livingThread, seenThreads } from '../support/seen-threads.ts'
import { editDatabase } from './store-files.ts'

// The store keeps its threads to itself; a test that kills one has to see it being made.
vi.mock('node:worker_threads', async (original) => (await import('../support/seen-threads.ts')).seeThreads(original))

/** An update as large as `bytes`, which no commit below a few megabytes has room for. */
function large(bytes: number): PendingUpdate {
  return { bytes: new Uint8Array(bytes).fill(7), author: ann, atMs: 1 }
}

/** Together they take several steps to save. */
const PASTE_BYTES = 30_000

describe('a store in trouble', () => {
  let folder: string
  let store: Store

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'weft-failure-'))
  })

  afterEach(async () => {
    await store.close()
    await rm(folder, { recursive: true })
  })

  async function open(options: Partial<SqliteStoreOptions> = {}): Promise<Store> {
    seenThreads.length = 0
    store = await openSqliteStore({ folder, ...options })
    return store
  }

  test('[SX1] a commit the disk has no room for changes nothing, and a smaller one then succeeds', async () => {
    await open({ maxDatabaseBytes: 300_000 })
    const { handle } = await openNamed(store, 'a')
    expect(await store.commit({ documents: [{ handle, updates: pending(keystrokes('ab')) }] })).toEqual([1])
    const other = await openNamed(store, 'b')
    const tooMuch = {
      documents: [
        { handle, updates: [large(200_000)] },
        { handle: other.handle, updates: [large(200_000)] },
      ],
    }
    for (let attempt = 0; attempt < 2; attempt++) {
      await expect(store.commit(tooMuch)).rejects.toMatchObject({
        code: 'storage-full',
        message: expect.stringContaining('SQLITE_FULL'),
      })
    }
    expect((await openNamed(store, 'a')).head).toBe(2)
    expect((await openNamed(store, 'b')).head).toBe(0)
    expect(await store.commit({ documents: [{ handle, updates: pending(keystrokes('abc').slice(2)) }] })).toEqual([3])
    expect(await store.commit({ documents: [{ handle: other.handle, updates: pending(keystrokes('b'), 0) }] })).toEqual(
      [1],
    )
    expect(await store.list(5)).toMatchObject([
      { document: 'a', seq: 3 },
      { document: 'b', seq: 1 },
    ])
    expect((await store.verify()).problems).toEqual([])
  })

  test('[SX2] when its thread dies, what was asked is rejected, and the next call starts a new one', async () => {
    await open()
    const { handle } = await openNamed(store, 'written')
    await store.commit({ documents: [{ handle, updates: pending(keystrokes('ab')) }] })
    const fresh = await openNamed(store, 'never written')
    const dead = livingThread('storage')?.terminate()
    const asked = [store.content(handle), store.probe(), store.list(1)]
    for (const call of asked) await expect(call).rejects.toMatchObject({ code: 'storage-failed' })
    await dead
    expect(textOf(await store.content(handle))).toBe('ab')
    // Handles stand for the same documents, those without a row included.
    expect((await openNamed(store, 'other')).handle).not.toBe(fresh.handle)
    expect((await openNamed(store, 'never written')).handle).toBe(fresh.handle)
    expect(await store.commit({ documents: [{ handle: fresh.handle, updates: pending(keystrokes('c')) }] })).toEqual([
      1,
    ])
    expect(textOf(await store.content((await openNamed(store, 'never written')).handle))).toBe('c')
  })

  test('[SX3] a thread that keeps dying is not started for ever', async () => {
    await open({ maxThreadDeathsPerMinute: 2 })
    for (let death = 0; death < 2; death++) {
      await store.probe()
      await livingThread('storage')?.terminate()
    }
    await expect(store.probe()).rejects.toMatchObject({
      code: 'storage-failed',
      message: expect.stringContaining('2 times'),
    })
    expect(seenThreads).toHaveLength(2)
  })

  test('[SX8] a commit that its dying thread wrote and could not report is there once when it is asked for again', async () => {
    await open()
    const { handle } = await openNamed(store, 'a')
    const [first, second, third] = pending(keystrokes('abc'))
    const batch = (update: PendingUpdate | undefined) => ({
      documents: [{ handle, updates: update === undefined ? [] : [update] }],
    })
    for (const [at, update] of [first, second, third].entries()) {
      const doomed = livingThread('storage')
      doomed?.removeAllListeners('message')
      const written = new Promise((resolve) => doomed?.once('message', resolve))
      const lost = store.commit(batch(update))
      expect(await written).toMatchObject({ value: { firstSeqs: [at + 1] } })
      void doomed?.terminate()
      await expect(lost).rejects.toMatchObject({ code: 'storage-failed' })
      expect(await store.commit(batch(update))).toEqual([at + 1])
    }
    expect((await openNamed(store, 'a')).head).toBe(3)
    expect(await logOf(store, handle, 1, 3)).toEqual(keystrokes('abc'))
    expect((await store.verify()).problems).toEqual([])
  })

  test('[SX9] a check whose thread dies is rejected, and the next one is carried out', async () => {
    await open()
    const { handle } = await openNamed(store, 'a')
    await store.commit({ documents: [{ handle, updates: pending(keystrokes('ab')) }] })
    const check = store.verify()
    void livingThread('check')?.terminate()
    await expect(check).rejects.toMatchObject({ code: 'storage-failed' })
    expect(await store.verify()).toMatchObject({ documents: 1, updates: 2, problems: [] })
  })

  test('[SX10] a snapshot whose saving is cut off leaves the one before, and the next one leaves nothing of it', async () => {
    await open()
    const { handle } = await openNamed(store, 'a')
    const updates = pastes(100, PASTE_BYTES)
    await store.commit({ documents: [{ handle, updates: pending(updates) }] })
    const { coverage } = await openNamed(store, 'a')
    const snapshotOf = (seq: number) => ({
      seq: seq as Seq,
      chunks: parcelOf(pastes(seq, PASTE_BYTES)),
      coverage,
      title: null,
    })
    await store.saveSnapshot(handle, snapshotOf(10))
    const cutOff = store.saveSnapshot(handle, snapshotOf(100))
    // Answers come in the order of the work: some parts are written when a commit asked for later is done.
    await store.commit({ documents: [{ handle, updates: pending(keystrokes('x', 2)) }] })
    void livingThread('storage')?.terminate()
    await expect(cutOff).rejects.toMatchObject({ code: 'storage-failed' })
    const { snapshot, seq } = await store.content(handle)
    expect([snapshot.length, seq]).toEqual([10, 101])
    await store.saveSnapshot(handle, snapshotOf(20))
    expect((await store.content(handle)).snapshot).toEqual(pastes(20, PASTE_BYTES))
    expect((await store.verify()).problems).toEqual([])
    await store.close()
    const parts = editDatabase(folder, (database) => database.prepare('SELECT 1 FROM snapshot_parts').all().length)
    expect(parts).toBe(20)
  })

  test('[SX4] a document named twice in a batch, or without updates, is refused before anything is written', async () => {
    await open()
    const { handle } = await openNamed(store, 'a')
    const once = { handle, updates: pending(keystrokes('a')) }
    await expect(store.commit({ documents: [once, once] })).rejects.toMatchObject({ code: 'invalid-request' })
    await expect(store.commit({ documents: [{ handle, updates: [] }] })).rejects.toMatchObject({
      code: 'invalid-request',
    })
    expect(await store.commit({ documents: [] })).toEqual([])
    expect(await store.commit({ documents: [once] })).toEqual([1])
  })
})
