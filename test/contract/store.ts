/** What every store has to do: the rules of `server/ports/store.ts`, to be run against each adapter. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Seq } from '../../shared/ids.ts'
import { Coverage } from '../../shared/update/coverage.ts'
import type { Store } from '../../server/ports/store.ts'
import { shapeOf, snapshotOf, snapshotWith } from './store-snapshots.ts'
import { ann, bob, keystrokes, logOf, openNamed, pending, textOf, write } from './store-updates.ts'

const PAUSE = { pauseMs: 60_000, limit: 10 }

/** `open` opens what `folder` holds, again and again. */
export function storeContract(name: string, open: (folder: string) => Promise<Store>): void {
  describe(`${name} as a store`, () => {
    let folder: string
    let store: Store

    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'weft-store-'))
      store = await open(join(folder, 'data'))
    })

    afterEach(async () => {
      await store.close()
      await rm(folder, { recursive: true })
    })

    async function reopen(): Promise<void> {
      await store.close()
      store = await open(join(folder, 'data'))
    }

    test('[ST1] opening creates nothing', async () => {
      const opened = await openNamed(store, 'new')
      expect(opened).toMatchObject({ head: 0, snapshotBytes: 0, tailBytes: 0, tailUpdates: 0 })
      expect(opened.coverage).toEqual(Coverage.empty().encode())
      expect(textOf(await store.content(opened.handle))).toBe('')
      expect(await store.list(10)).toEqual([])
      await reopen()
      expect(await store.list(10)).toEqual([])
    })

    test('[ST2] a commit numbers the updates of each document without gaps, from 1 on', async () => {
      const [a, b] = [await openNamed(store, 'a'), await openNamed(store, 'b')]
      const updates = pending(keystrokes('abcdef'))
      const first = await store.commit({
        documents: [
          { handle: b.handle, updates: updates.slice(0, 2) },
          { handle: a.handle, updates: updates.slice(0, 3) },
        ],
      })
      expect(first).toEqual([1, 1])
      const second = await store.commit({
        documents: [
          { handle: a.handle, updates: updates.slice(3) },
          { handle: b.handle, updates: updates.slice(2) },
        ],
      })
      expect(second).toEqual([4, 3])
      expect((await openNamed(store, 'a')).head).toBe(6)
      await reopen()
      expect((await openNamed(store, 'b')).head).toBe(6)
    })

    test('[ST3] a document keeps its handle while the store is open', async () => {
      const { handle } = await openNamed(store, 'new')
      expect((await openNamed(store, 'new')).handle).toBe(handle)
      expect((await openNamed(store, 'other')).handle).not.toBe(handle)
      await write(store, 'new', 'x')
      expect((await openNamed(store, 'new')).handle).toBe(handle)
    })

    test('[ST4] an opened document tells what its log covers and how much of it no snapshot holds', async () => {
      const updates = keystrokes('hello')
      await write(store, 'a', 'hello')
      const coverage = Coverage.empty()
      for (const update of updates) coverage.add(shapeOf(update))
      const expected = {
        head: 5,
        coverage: coverage.encode(),
        tailUpdates: 5,
        tailBytes: updates.reduce((sum, { length }) => sum + length, 0),
      }
      expect(await openNamed(store, 'a')).toMatchObject(expected)
      await store.tidy()
      expect(await openNamed(store, 'a')).toMatchObject(expected)
    })

    test('[ST5] the log gives back every update as it came, whether the store was tidied or opened anew', async () => {
      const updates = keystrokes('the quick brown fox')
      const { handle } = await write(store, 'a', 'the quick brown fox')
      const expectSlices = async (of: number): Promise<void> => {
        expect(await logOf(store, of, 1, updates.length)).toEqual(updates)
        expect(await logOf(store, of, 5, 9)).toEqual(updates.slice(4, 9))
      }
      await expectSlices(handle)
      await store.tidy()
      await expectSlices(handle)
      await reopen()
      await expectSlices((await openNamed(store, 'a')).handle)
    })

    test('[ST6] a slice of the log ends where the log does', async () => {
      const { handle } = await write(store, 'a', 'abc')
      expect(await store.log(handle, 2 as Seq, 99 as Seq)).toMatchObject({ fromSeq: 2, toSeq: 3 })
      expect(await store.log(handle, 4 as Seq, 99 as Seq)).toEqual({
        fromSeq: 4,
        toSeq: 3,
        updates: new Uint8Array(0),
      })
    })

    test('[ST7] the content is as of every commit asked for before, and what is handed in may be reused at once', async () => {
      const { handle } = await openNamed(store, 'a')
      const updates = keystrokes('abc')
      const commits = updates.map((bytes) => {
        const shared = bytes.slice()
        const commit = store.commit({ documents: [{ handle, updates: pending([shared]) }] })
        shared.fill(0)
        return commit
      })
      const content = await store.content(handle)
      expect(textOf(content)).toBe('abc')
      expect(content.seq).toBe(3)
      expect(await Promise.all(commits)).toEqual([[1], [2], [3]])
    })

    test('[ST10] a time maps to the last update at or before it', async () => {
      const { handle } = await write(store, 'a', 'abcd', 10_000)
      const expectSeqs = async (): Promise<void> => {
        expect(await store.seqAt(handle, 9_999)).toBe(0)
        expect(await store.seqAt(handle, 10_000)).toBe(1)
        expect(await store.seqAt(handle, 12_500)).toBe(3)
        expect(await store.seqAt(handle, 99_000)).toBe(4)
      }
      await expectSeqs()
      await store.tidy()
      await expectSeqs()
      await store.commit({ documents: [{ handle, updates: pending(keystrokes('abcdef').slice(4), 50_000) }] })
      expect(await store.seqAt(handle, 49_999)).toBe(4)
      expect(await store.seqAt(handle, 51_000)).toBe(6)
    })

    test('[ST11] the timeline groups by author and by pauses, newest first', async () => {
      const { handle } = await openNamed(store, 'a')
      const [a, b] = [keystrokes('abcd', 1), keystrokes('xy', 2)]
      const together = [
        { bytes: at(a, 0), author: ann, atMs: 0 },
        { bytes: at(b, 0), author: bob, atMs: 10_000 },
        { bytes: at(a, 1), author: ann, atMs: 20_000 },
        { bytes: at(b, 1), author: bob, atMs: 30_000 },
        { bytes: at(a, 2), author: ann, atMs: 79_999 },
        { bytes: at(a, 3), author: ann, atMs: 139_999 },
      ]
      await store.commit({ documents: [{ handle, updates: together }] })
      const bytesOf = (...indexes: number[]) => indexes.reduce((sum, i) => sum + (together[i]?.bytes.length ?? 0), 0)
      const annLater = { fromSeq: 6, toSeq: 6, fromMs: 139_999, toMs: 139_999, ...ann, updates: 1, bytes: bytesOf(5) }
      const annFirst = { fromSeq: 1, toSeq: 5, fromMs: 0, toMs: 79_999, ...ann, updates: 3, bytes: bytesOf(0, 2, 4) }
      const bobs = { fromSeq: 2, toSeq: 4, fromMs: 10_000, toMs: 30_000, ...bob, updates: 2, bytes: bytesOf(1, 3) }
      expect(await store.timeline(handle, PAUSE)).toEqual([annLater, annFirst, bobs])
      await store.tidy()
      expect(await store.timeline(handle, PAUSE)).toEqual([annLater, annFirst, bobs])
      expect(await store.timeline(handle, { ...PAUSE, limit: 2 })).toEqual([annLater, annFirst])
    })

    test('[ST12] documents are listed most recently changed first', async () => {
      await write(store, 'old', 'a', 1_000)
      await write(store, 'middle', 'a', 2_000)
      await store.tidy()
      await write(store, 'new', 'a', 3_000)
      await write(store, 'old', 'b', 4_000)
      const listed = await store.list(2)
      expect(listed).toEqual([
        { document: 'old', title: '', createdAtMs: 1_000, updatedAtMs: 4_000, seq: 2 },
        { document: 'new', title: '', createdAtMs: 3_000, updatedAtMs: 3_000, seq: 1 },
      ])
      await reopen()
      expect(await store.list(2)).toEqual(listed)
    })

    test('[ST13] a batch is written whole or not at all', async () => {
      const { handle } = await write(store, 'a', 'a')
      const updates = pending(keystrokes('x', 7))
      const batch = {
        documents: [
          { handle, updates },
          { handle: handle + 1_000, updates },
        ],
      }
      await expect(store.commit(batch)).rejects.toMatchObject({ code: 'not-found' })
      expect((await openNamed(store, 'a')).head).toBe(1)
      expect(await store.commit({ documents: [{ handle, updates }] })).toEqual([2])
    })

    test('[ST14] a backup taken while commits go on is a whole store of its own', async () => {
      const { handle } = await write(store, 'a', 'before ')
      await store.saveSnapshot(handle, snapshotWith(await snapshotOf(store, handle, 'Title')))
      const copy = join(folder, 'copy', 'weft.db')
      await write(store, 'b', 'b')
      const [backup] = await Promise.all([backUp(store, copy), write(store, 'c', 'meanwhile')])
      expect(backup.bytes).toBeGreaterThan(0)
      const restored = await open(join(folder, 'copy'))
      expect(textOf(await restored.content((await openNamed(restored, 'a')).handle))).toBe('before ')
      expect(textOf(await restored.content((await openNamed(restored, 'b')).handle))).toBe('b')
      expect((await restored.verify()).problems).toEqual([])
      await restored.close()
    })

    test('[ST15] a backup never overwrites a file', async () => {
      await write(store, 'a', 'a')
      const copy = join(folder, 'copy', 'weft.db')
      await backUp(store, copy)
      await expect(store.backup(copy)).rejects.toMatchObject({ code: 'invalid-request' })
    })

    test('[ST16] a sound store verifies without problems, in use or not', async () => {
      await write(store, 'a', 'packed')
      await store.tidy()
      const { handle } = await write(store, 'b', 'not yet packed')
      await store.saveSnapshot(handle, snapshotWith(await snapshotOf(store, handle, null)))
      const bytes = [...keystrokes('packed'), ...keystrokes('not yet packed')].reduce((sum, u) => sum + u.length, 0)
      expect(await store.verify()).toEqual({ documents: 2, updates: 20, bytes, auditEntries: 0, problems: [] })
    })

    test('[ST17] verify names an update that builds on what the log does not hold', async () => {
      const { handle } = await openNamed(store, 'a')
      await store.commit({ documents: [{ handle, updates: pending(keystrokes('abc').slice(1)) }] })
      expect((await store.verify()).problems).toEqual([{ document: 'a', problem: expect.stringContaining('seq 1 ') }])
    })

    test('[ST18] closing carries out what was asked for before and refuses what is asked for after', async () => {
      const { handle } = await openNamed(store, 'a')
      const commit = store.commit({ documents: [{ handle, updates: pending(keystrokes('abc')) }] })
      const backup = store.backup(join(folder, 'copy.db'))
      const closed = store.close()
      await expect(store.content(handle)).rejects.toMatchObject({ code: 'shutting-down' })
      expect(await commit).toEqual([1])
      expect((await backup).bytes).toBeGreaterThan(0)
      await closed
      await reopen()
      expect((await openNamed(store, 'a')).head).toBe(3)
    })

    test('[ST19] a store that can write says so', async () => {
      await expect(store.probe()).resolves.toBeUndefined()
    })

    test('[ST20] a handle of no document is refused', async () => {
      await expect(store.content(123)).rejects.toMatchObject({ code: 'not-found' })
      await expect(store.log(123, 1 as Seq, 1 as Seq)).rejects.toMatchObject({ code: 'not-found' })
    })
  })
}

async function backUp(store: Store, file: string): Promise<{ readonly bytes: number }> {
  await mkdir(dirname(file), { recursive: true })
  return store.backup(file)
}

function at(updates: readonly Uint8Array[], index: number): Uint8Array {
  const update = updates[index]
  if (update === undefined) throw new Error(`There is no update ${index}.`)
  return update
}
