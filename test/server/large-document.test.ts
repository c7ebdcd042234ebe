/** How somebody who has nothing yet is sent a large document. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import * as Y from 'yjs'
import { keystrokes } from '../contract/store-updates.ts'
import { eventually } from '../support/eventually.ts'
import { bodies, step1, update } from '../support/messages.ts'
import { openRooms } from '../support/rooms.ts'

test.each([
  ['from its log', { isFolded: false, sharedContentBytes: 0, readings: 0 }],
  ['from a snapshot that is read once for all', { isFolded: true, sharedContentBytes: 1_000_000, readings: 0 }],
  ['from a snapshot that is read for each', { isFolded: true, sharedContentBytes: 0, readings: 1 }],
])('[SY4] a large document arrives %s in pieces that can each be applied at once', async (_how, given) => {
  const { isFolded, sharedContentBytes, readings } = given
  const { join, store, rooms, document } = await openRooms({
    inlineDiffBytes: 64,
    chunkBytes: 256,
    sharedContentBytes,
  })
  const writer = await join()
  const text = 'Many words make a long document. '.repeat(60)
  for (const bytes of keystrokes(text)) writer.session.receive(update(bytes))
  await store.release()
  if (isFolded) {
    writer.session.left()
    const room = await rooms.load(document)
    await eventually(() => expect(room.size.tail.updates).toBe(0))
  }
  const reading = vi.spyOn(store, 'read')
  const { session, connection } = await join()
  connection.take()
  session.receive(step1(new Uint8Array([0])))
  const pieces: Uint8Array[] = []
  await eventually(() => {
    pieces.push(...connection.take())
    expect(bodies(pieces, 'step2').length).toBe(1)
  })
  expect(bodies(pieces, 'update').length).toBeGreaterThan(3)
  const doc = new Y.Doc()
  for (const bytes of [...bodies(pieces, 'update'), ...bodies(pieces, 'step2')]) {
    Y.applyUpdate(doc, bytes)
    expect(doc.store.pendingStructs).toBeNull()
  }
  expect(doc.getText('body').toString()).toBe(text)
  expect((await rooms.load(document)).head).toBe(text.length)
  expect(reading).toHaveBeenCalledTimes(readings)
})

test('[SY7] whoever leaves, or does not read, is read no more of a large document', async () => {
  const { join, store, rooms, document } = await openRooms({ inlineDiffBytes: 0, sharedContentBytes: 0 })
  const writer = await join()
  writer.session.receive(update(keystrokes('x')[0] ?? new Uint8Array()))
  await store.release()
  writer.session.left()
  const room = await rooms.load(document)
  await eventually(() => expect(room.size.tail.updates).toBe(0))
  const steps: string[] = []
  const endless = async function* () {
    try {
      for (;;) {
        steps.push('read')
        yield keystrokes('y')[0] ?? new Uint8Array()
      }
    } finally {
      steps.push('ended')
    }
  }
  vi.spyOn(store, 'read').mockImplementation(() =>
    Promise.resolve({ seq: room.head, snapshot: endless(), tail: new Uint8Array() }),
  )
  const { session, connection } = await join()
  session.receive(step1(new Uint8Array([0])))
  await eventually(() => expect(steps.length).toBeGreaterThan(3))
  connection.bufferedBytes = Number.MAX_SAFE_INTEGER
  const before = steps.length
  for (let turn = 0; turn < 20; turn++) await nextTurn()
  expect(steps.length).toBeLessThanOrEqual(before + 1)
  session.left()
  connection.drain()
  await eventually(() => expect(steps.at(-1)).toBe('ended'))
})

test('[SY8] whoever was behind is sent what they missed as fast as they take it', async () => {
  const { join, store } = await openRooms()
  const [writer, reader] = [await join(), await join()]
  const { session, connection } = reader
  session.receive(step1(new Uint8Array([0])))
  await eventually(() => expect(session.isLive).toBe(true))
  connection.take()
  const isFull = (): void => void (connection.bufferedBytes = Number.MAX_SAFE_INTEGER)
  isFull()
  // What is sent at a time are some thousand updates.
  const letters = keystrokes('x'.repeat(9_000))
  for (const letter of letters) writer.session.receive(update(letter))
  await store.release()
  await eventually(() => expect(session.isLive).toBe(false))

  const { write } = connection
  vi.spyOn(connection, 'write').mockImplementation((framed) => {
    write.call(connection, framed)
    isFull()
  })
  const sent: Uint8Array[] = []
  for (let steps = 1; steps <= 3; steps++) {
    connection.drain()
    await eventually(() => {
      sent.push(...bodies(connection.take(), 'update'))
      expect(sent.length).toBe(steps)
    })
    for (let turn = 0; turn < 20; turn++) await nextTurn()
    expect(bodies(connection.take(), 'update')).toEqual([])
  }
  const doc = new Y.Doc()
  for (const bytes of sent) Y.applyUpdate(doc, bytes)
  expect(doc.getText('body').length).toBe(9_000)
})
