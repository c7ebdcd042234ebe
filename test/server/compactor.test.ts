import { expect, onTestFinished, test, vi } from 'vitest'
import * as Y from 'yjs'
import { createCompute } from '../../server/compute/compute.ts'
import { defaultOptions } from '../../server/config.ts'
import { parcelOf } from '../../server/core/pieces.ts'
import { Rooms } from '../../server/core/rooms.ts'
import type { Compute } from '../../server/ports/compute.ts'
import { openSqliteStore } from '../../server/store/sqlite-store.ts'
import { parseDocumentId } from '../../shared/ids.ts'
import { openNamed, write } from '../contract/store-updates.ts'
import { eventually } from '../support/eventually.ts'
import { update } from '../support/messages.ts'
import { quietLog } from '../support/quiet-log.ts'
import { openRooms } from '../support/rooms.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { flipBit } from './store-files.ts'

/** Updates of a document in which one letter after the other is typed. */
function typed(letters: number): Uint8Array[] {
  const doc = new Y.Doc()
  const updates: Uint8Array[] = []
  doc.on('update', (bytes: Uint8Array) => updates.push(bytes))
  for (let at = 0; at < letters; at++) doc.getText('t').insert(at, 'x')
  return updates
}

/** A compute thread whose compactions wait, each until it is let go. */
function gated(waiting: (() => void)[]) {
  return (compute: Compute): Compute => ({
    compact: async (load) => {
      const compacted = compute.compact(load)
      await new Promise<void>((resolve) => waiting.push(resolve))
      return compacted
    },
    merge: (load) => compute.merge(load),
    diff: (load, stateVector) => compute.diff(load, stateVector),
    restore: (load) => compute.restore(load),
    view: (load) => compute.view(load),
    inspect: (load) => compute.inspect(load),
    verify: (load, updates) => compute.verify(load, updates),
    adopt: (load) => compute.adopt(load),
    close: () => compute.close(),
  })
}

test('[CP20] what is typed, and the last one who leaves, during a compaction are not forgotten', async () => {
  const waiting: (() => void)[] = []
  const { join, store, rooms, document } = await openRooms({ compactAfterBytes: 1 }, gated(waiting))
  const { session } = await join()
  const room = await rooms.load(document)
  const [first, ...others] = typed(4)
  session.receive(update(first ?? new Uint8Array()))
  await store.release()
  await eventually(() => expect(waiting.length).toBe(1))

  for (const bytes of others) session.receive(update(bytes))
  await store.release()
  await eventually(() => expect(room.size.tail.updates).toBe(4))
  session.left()
  waiting.shift()?.()
  await eventually(() => expect(waiting.length).toBe(1))
  expect(room.size.tail.updates).toBe(3)

  waiting.shift()?.()
  await eventually(() => expect(room.size.tail).toEqual({ updates: 0, bytes: 0 }))
  expect(waiting).toEqual([])
  const { seq, snapshot, tail } = await store.content(room.handle)
  expect([seq, snapshot.length, tail.length]).toEqual([4, 1, 0])
})

test('[CP21] while people are in it, a document rests between folds in proportion to what the last one took', async () => {
  let nowMs = 0
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => nowMs)
  onTestFinished(() => clock.mockRestore())
  const waiting: (() => void)[] = []
  const { join, store, rooms, document } = await openRooms({ compactAfterBytes: 1 }, gated(waiting))
  const { session } = await join()
  const room = await rooms.load(document)
  const type = async (letter: Uint8Array | undefined): Promise<void> => {
    session.receive(update(letter ?? new Uint8Array()))
    await store.release()
  }
  const [first, second, third] = typed(3)
  await type(first)
  await eventually(() => expect(waiting.length).toBe(1))
  nowMs = 10
  waiting.shift()?.()
  await eventually(() => expect(room.size.tail.updates).toBe(0))

  nowMs = 2_009
  await type(second)
  await eventually(() => expect(room.size.tail.updates).toBe(1))
  expect(waiting.length).toBe(0)

  nowMs = 2_010
  await type(third)
  await eventually(() => expect(waiting.length).toBe(1))
  waiting.shift()?.()
  await eventually(() => expect(room.size.tail.updates).toBe(0))
})

test('[CP22] a document whose snapshot is damaged is read from its log, which is told, and gets another at once', async () => {
  const folder = await temporaryFolder()
  const before = await openSqliteStore({ folder })
  const { handle } = await write(before, 'a', 'some text')
  const { head, coverage } = await openNamed(before, 'a')
  await before.saveSnapshot(handle, { seq: head, chunks: parcelOf([new Uint8Array([0, 0])]), coverage, title: null })
  await before.close()
  flipBit(folder, 'snapshot_parts', 'document = 1', 0)

  const store = await openSqliteStore({ folder })
  const log = quietLog()
  const compute = createCompute({ ...defaultOptions, threads: 1 })
  const rooms = new Rooms({
    store: store,
    compute: compute,
    log: log,
    options: defaultOptions,
  })
  onTestFinished(async () => {
    await rooms.close()
    await compute.close()
    await store.close()
  })
  const read = new Y.Doc()
  Y.applyUpdate(read, Buffer.concat([...(await rooms.read(parseDocumentId('a')))]))
  expect(read.getText('body').toJSON()).toBe('some text')
  expect(log.lines.filter(({ level }) => level === 'warn')).toEqual([
    expect.objectContaining({ event: expect.stringContaining('snapshot is damaged') }),
  ])
  await eventually(async () =>
    expect(await openNamed(store, 'a')).toMatchObject({ isSnapshotDamaged: false, tailUpdates: 0 }),
  )
  expect((await store.verify()).problems).toEqual([])
})
