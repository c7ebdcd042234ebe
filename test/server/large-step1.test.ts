/** What a client lacks that names more others than are read on the event loop. */
import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { CloseCode } from '../../shared/close-codes.ts'
import { eventually } from '../support/eventually.ts'
import { bodies, step1, update } from '../support/messages.ts'
import { openRooms } from '../support/rooms.ts'

/** The updates a document makes while `edit` runs. */
function updatesOf(doc: Y.Doc, edit: () => void): Uint8Array[] {
  const updates: Uint8Array[] = []
  const collect = (bytes: Uint8Array): void => void updates.push(bytes)
  doc.on('update', collect)
  edit()
  doc.off('update', collect)
  return updates
}

describe('[SY9] a large step 1 is read in a thread', () => {
  async function written() {
    const diffs: Uint8Array[] = []
    const bench = await openRooms({ largeStep1Bytes: 2, maxStateVectorEntries: 3 }, (compute) => ({
      ...compute,
      diff(load, stateVector) {
        diffs.push(stateVector)
        return compute.diff(load, stateVector)
      },
    }))
    const writer = await bench.join()
    const doc = new Y.Doc()
    const updates = updatesOf(doc, () => {
      doc.getText('t').insert(0, 'abc')
      doc.getText('t').delete(0, 1)
    })
    for (const bytes of updates) writer.session.receive(update(bytes))
    await bench.store.release()
    return { ...bench, doc, diffs, writer }
  }

  test('unless it is the same as the room has: then the deletes are the answer', async () => {
    const { join, doc, diffs } = await written()
    const { session, connection } = await join()
    connection.take()
    session.receive(step1(Y.encodeStateVector(doc)))
    await eventually(() => {
      const [answer] = bodies(connection.take(), 'step2')
      expect(Y.decodeUpdate(answer ?? new Uint8Array()).structs).toEqual([])
      expect(Y.decodeUpdate(answer ?? new Uint8Array()).ds.clients.size).toBe(1)
    })
    expect(diffs).toEqual([])
  })

  test('and answered with what is on disk and lacking there, while more waits for the disk', async () => {
    const { join, doc, diffs, store, writer } = await written()
    const { session, connection } = await join()
    connection.take()
    const before = Y.encodeStateVector(doc)
    const more = updatesOf(doc, () => doc.getText('t').insert(2, 'd'))
    for (const bytes of more) writer.session.receive(update(bytes))
    session.receive(step1(Y.encodeStateVector(new Map([...Y.decodeStateVector(before), [1, 1]]))))
    await eventually(() => {
      const [answer] = bodies(connection.take(), 'step2')
      expect(Y.decodeUpdate(answer ?? new Uint8Array()).structs).toEqual([])
    })
    expect(diffs.length).toBe(1)
    await store.release()
    await eventually(() => expect(bodies(connection.take(), 'update')).toEqual(more))
  })

  test.each([
    ['cut', [3, 1, 1]],
    ['followed by more', [1, 1, 1, 0]],
    ['of more entries than may be', [4, 4, 1, 3, 1, 2, 1, 1, 1]],
    ['of one client twice', [2, 1, 1, 1, 1]],
  ])('and refused when it is %s', async (_what, bytes) => {
    const { join } = await written()
    const { session, connection } = await join()
    session.receive(step1(Uint8Array.from(bytes)))
    await eventually(() => expect(connection.closed?.reason).toBe('malformed-update'))
    expect(connection.closed?.code).toBe(CloseCode.malformed)
  })
})
