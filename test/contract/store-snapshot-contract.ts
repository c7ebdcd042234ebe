/** What every store has to do with snapshots: rules of `server/ports/store.ts`, to be run against each adapter. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parcelOf } from '../../server/core/pieces.ts'
import type { Store } from '../../server/ports/store.ts'
import type { Seq } from '../../shared/ids.ts'
import { Coverage } from '../../shared/update/coverage.ts'
import { unpackUpdates } from '../../shared/update/pack.ts'
import { snapshotOf, snapshotWith } from './store-snapshots.ts'
import { keystrokes, logOf, openNamed, pastes, pending, textOf, write } from './store-updates.ts'

/** `open` opens what `folder` holds. */
export function storeSnapshotContract(name: string, open: (folder: string) => Promise<Store>): void {
  describe(`${name} as a store of snapshots`, () => {
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

    test('[ST8] a snapshot takes the place of the updates it holds; the log keeps them', async () => {
      const { handle } = await write(store, 'a', 'hello')
      const snapshot = await snapshotOf(store, handle, 'Greeting')
      await store.saveSnapshot(handle, snapshotWith(snapshot))
      await store.commit({ documents: [{ handle, updates: pending(keystrokes('hello!').slice(5)) }] })
      const content = await store.content(handle)
      expect(content.snapshot).toEqual(snapshot.chunks)
      expect(textOf({ snapshot: [], tail: content.tail })).toBe('')
      expect(textOf(content)).toBe('hello!')
      const snapshotBytes = snapshot.chunks.reduce((sum, { length }) => sum + length, 0)
      expect(await openNamed(store, 'a')).toMatchObject({ head: 6, tailUpdates: 1, snapshotBytes })
      expect(await logOf(store, handle, 1, 6)).toEqual(keystrokes('hello!'))
      expect(await store.list(1)).toMatchObject([{ document: 'a', title: 'Greeting', seq: 6 }])
    })

    test('[ST9] an older snapshot never replaces a newer one, and none is beyond the head', async () => {
      const { handle } = await write(store, 'a', 'hello')
      const snapshot = await snapshotOf(store, handle, 'new')
      await store.saveSnapshot(handle, snapshotWith(snapshot))
      await store.saveSnapshot(handle, { ...snapshot, seq: 4 as Seq, chunks: parcelOf([]), title: 'old' })
      expect(textOf(await store.content(handle))).toBe('hello')
      expect(await store.list(1)).toMatchObject([{ title: 'new' }])
      await expect(store.saveSnapshot(handle, { ...snapshotWith(snapshot), seq: 6 as Seq })).rejects.toMatchObject({
        code: 'invalid-moment',
      })
    })

    test('[ST30] content that is read while a newer snapshot takes the place of the old one is whole', async () => {
      const { handle } = await openNamed(store, 'large')
      const updates = pastes(20, 70_000)
      await store.commit({ documents: [{ handle, updates: pending(updates) }] })
      const coverage = Coverage.empty().encode()
      for (const seq of [10, 15, 20]) {
        const chunks = updates.slice(0, seq).map((bytes) => bytes.slice())
        const reading = [store.content(handle), store.content(handle)]
        await store.saveSnapshot(handle, { seq: seq as Seq, chunks: parcelOf(chunks), coverage, title: null })
        for (const content of [...(await Promise.all(reading)), await store.content(handle)]) {
          expect(content.seq).toBe(20)
          const read = Buffer.concat([...content.snapshot, ...unpackUpdates(content.tail)])
          expect(read.equals(Buffer.concat(updates))).toBe(true)
        }
      }
    })

    test('[ST31] what is sent to another thread, and what is read piece by piece, is the content', async () => {
      const { handle } = await write(store, 'a', 'hello')
      await store.saveSnapshot(handle, snapshotWith(await snapshotOf(store, handle, null)))
      await store.commit({ documents: [{ handle, updates: pending(keystrokes('hello!').slice(5)) }] })
      const { seq, snapshotSeq, snapshot, tail } = await store.send(handle)
      expect([seq, snapshotSeq, snapshot.pieces, tail.bytes]).toEqual([
        6,
        5,
        1,
        (await store.content(handle)).tail.length,
      ])
      expect(textOf({ snapshot: [...snapshot], tail: Buffer.concat([...tail]) })).toBe('hello!')
      const reading = await store.read(handle)
      expect(reading.seq).toBe(6)
      expect(textOf({ snapshot: await copiesOf(reading.snapshot), tail: reading.tail })).toBe('hello!')
      const log = await store.sendLog(handle, 2 as Seq, 4 as Seq)
      expect(Buffer.concat([...log])).toEqual(Buffer.from((await store.log(handle, 2 as Seq, 4 as Seq)).updates))
    })

    test('[ST32] a snapshot that is read piece by piece is whole, whatever takes its place meanwhile', async () => {
      const { handle } = await openNamed(store, 'large')
      const updates = pastes(20, 70_000)
      await store.commit({ documents: [{ handle, updates: pending(updates) }] })
      const save = (seq: number): Promise<void> => {
        const chunks = parcelOf(updates.slice(0, seq).map((bytes) => bytes.slice()))
        return store.saveSnapshot(handle, { seq: seq as Seq, chunks, coverage: Coverage.empty().encode(), title: null })
      }
      await save(18)
      const { snapshot } = await store.read(handle)
      const read: Uint8Array[] = []
      for await (const update of snapshot) {
        read.push(update.slice())
        if (read.length === 1) await save(19)
        if (read.length === 2) await save(20)
      }
      expect(read).toEqual(updates.slice(0, 18))
      expect((await store.content(handle)).snapshot).toEqual(updates)
    })
  })
}

/** Each is gone when the next is asked for. */
async function copiesOf(updates: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const copies: Uint8Array[] = []
  for await (const update of updates) copies.push(update.slice())
  return copies
}
