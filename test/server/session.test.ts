import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { CloseCode } from '../../shared/close-codes.ts'
import { SyncError } from '../../shared/errors.ts'
import { eventually } from '../support/eventually.ts'
import { awareness, bodies, presenceIn, queryAwareness, read, step1, step2, update } from '../support/messages.ts'
import { type Joined, openRooms } from '../support/rooms.ts'

/** The updates a document makes while `edit` runs. */
function updatesOf(doc: Y.Doc, edit: () => void): Uint8Array[] {
  const updates: Uint8Array[] = []
  const collect = (bytes: Uint8Array): void => void updates.push(bytes)
  doc.on('update', collect)
  edit()
  doc.off('update', collect)
  return updates
}

function typed(text: string): Uint8Array[] {
  const doc = new Y.Doc()
  return updatesOf(doc, () => {
    for (const letter of text) doc.getText('t').insert(doc.getText('t').length, letter)
  })
}

function textOf(updates: readonly Uint8Array[]): string {
  const doc = new Y.Doc()
  for (const bytes of updates) Y.applyUpdate(doc, bytes)
  return doc.getText('t').toString()
}

/** Brings a session in step with its room, as every client does first. */
async function inStep({ session, connection }: Joined): Promise<void> {
  session.receive(step1(new Uint8Array([0])))
  await eventually(() => expect(session.isLive).toBe(true))
  connection.take()
}

describe('saying hello', () => {
  test('[SY1] the server asks for what the client has before it is asked', async () => {
    const { join } = await openRooms()
    const { connection } = await join()
    expect(connection.take().map(read)).toEqual([
      { type: 'access', notice: { role: 'owner', expiresInMs: null, why: 'joined' } },
      { type: 'step1', body: new Uint8Array([0]) },
    ])
  })

  test('[SY2] step 1 is answered with step 2 even when there is nothing to send', async () => {
    const { join } = await openRooms()
    const { session, connection } = await join()
    connection.take()
    session.receive(step1(new Uint8Array([0])))
    await eventually(() => expect(bodies(connection.take(), 'step2')).toEqual([new Uint8Array([0, 0])]))
  })

  test('[SY3] step 2 holds what the client lacks and nothing it has', async () => {
    const { join, store } = await openRooms()
    const writer = await join()
    for (const bytes of typed('hello')) writer.session.receive(update(bytes))
    await store.release()
    const reader = await join()
    await eventually(() => {
      reader.session.receive(step1(new Uint8Array([0])))
      expect(textOf(bodies(reader.connection.take(), 'step2'))).toBe('hello')
    })
  })
})

test('[SY6] after a large step 1 the next one of that client waits; other clients do not', async () => {
  const { join } = await openRooms({ largeStep1Bytes: 2, largeStep1PauseMs: 60_000 })
  const [ann, bob] = [await join(), await join()]
  const large = step1(Y.encodeStateVector(new Map([[1, 1]])))
  for (let count = 0; count < 50; count++) ann.session.receive(large)
  await eventually(() => expect(bodies(ann.connection.take(), 'step2').length).toBe(1))
  for (let count = 0; count < 50; count++) ann.session.receive(large)
  bob.session.receive(large)
  await eventually(() => expect(bodies(bob.connection.take(), 'step2').length).toBe(1))
  expect(bodies(ann.connection.take(), 'step2')).toEqual([])
})

test('[SY5] a client that comes back with every struct is answered with the deletes alone', async () => {
  const { join, store } = await openRooms()
  const { session, connection } = await join()
  const doc = new Y.Doc()
  const updates = updatesOf(doc, () => {
    doc.getText('t').insert(0, 'abc')
    doc.getText('t').delete(0, 1)
  })
  for (const bytes of updates) session.receive(update(bytes))
  connection.take()
  session.receive(step1(Y.encodeStateVector(doc)))
  // Uncommitted deletes are shown to nobody, so this answer waits for content that is on disk.
  expect(connection.take()).toEqual([])
  await store.release()
  await eventually(() => expect(session.isLive).toBe(true))
  connection.take()
  session.receive(step1(Y.encodeStateVector(doc)))
  await eventually(() => {
    const [answer] = bodies(connection.take(), 'step2')
    expect(Y.decodeUpdate(answer ?? new Uint8Array()).structs).toEqual([])
    expect(Y.decodeUpdate(answer ?? new Uint8Array()).ds.clients.size).toBe(1)
  })
})

describe('saving', () => {
  test('[SV1] nobody is shown an update, or told it is saved, before it is on disk', async () => {
    const { join, store } = await openRooms()
    const [ann, bob] = [await join('ann'), await join('bob')]
    await inStep(ann)
    await inStep(bob)
    const [letter] = typed('a') as [Uint8Array]
    ann.session.receive(update(letter))
    await eventually(() => expect(store.held.length).toBe(1))
    expect([ann.connection.take(), bob.connection.take()]).toEqual([[], []])
    await store.release()
    await eventually(() => expect(bob.connection.take().map(read)).toEqual([{ type: 'update', body: letter }]))
    expect(ann.connection.take().map(read)).toEqual([
      { type: 'update', body: letter },
      { type: 'saved', frames: 1, seq: 1 },
    ])
  })

  test('[SV2] everything one commit brings goes to a reader in one write', async () => {
    const { join, store } = await openRooms()
    const [ann, bob] = [await join(), await join()]
    await inStep(bob)
    for (const bytes of typed('abc')) ann.session.receive(update(bytes))
    const before = bob.connection.writes
    await store.release()
    await eventually(() => expect(bodies(bob.connection.take(), 'update').length).toBe(3))
    expect(bob.connection.writes - before).toBe(1)
  })

  test('[SV3] an update that is known already is saved when what came before it is', async () => {
    const { join, store } = await openRooms()
    const { session, connection } = await join()
    const [letter] = typed('a') as [Uint8Array]
    session.receive(update(letter))
    session.receive(update(letter))
    connection.take()
    await store.release()
    await eventually(() => expect(connection.take().map(read)).toEqual([{ type: 'saved', frames: 2, seq: 1 }]))
    session.receive(step2(letter))
    expect(connection.take().map(read)).toEqual([{ type: 'saved', frames: 3, seq: 1 }])
    expect(store.held).toEqual([])
  })

  test('[SV4] an update that builds on a missing one waits for it, unsaved, and the client is asked', async () => {
    const { join, store } = await openRooms()
    const { session, connection } = await join()
    const [first, second] = typed('ab') as [Uint8Array, Uint8Array]
    session.receive(step2(new Uint8Array([0, 0])))
    connection.take()
    session.receive(update(second))
    expect(connection.take().map(read)).toEqual([{ type: 'step1', body: new Uint8Array([0]) }])
    session.receive(step2(first))
    await store.release()
    await eventually(() => expect(connection.take().map(read)).toEqual([{ type: 'saved', frames: 3, seq: 2 }]))
  })

  test('[SV5] while commits fail nothing is acknowledged, and the same updates are written later', async () => {
    const { join, store, rooms, log } = await openRooms({ retryCommitMinMs: 1 })
    const ann = await join()
    await inStep(ann)
    ann.session.receive(update(typed('a')[0] ?? new Uint8Array()))
    await store.fail(new SyncError('storage-full', 'The disk is full.'))
    await eventually(() => expect(rooms.trouble?.code).toBe('storage-full'))
    expect(ann.connection.take().map(read)).toEqual([{ type: 'storage', reason: 'storage-full' }])
    await store.release()
    const last = { type: 'saved', frames: 1, seq: 1 }
    await eventually(() => expect(ann.connection.take().map(read).at(-1)).toEqual(last))
    expect(rooms.trouble).toBeNull()
    expect(log.lines.filter(({ level }) => level === 'error').length).toBe(1)
  })

  test('[SV7] who joins while commits fail is told, and everybody when they succeed again', async () => {
    const { join, store, rooms } = await openRooms({ retryCommitMinMs: 1 })
    const ann = await join()
    await inStep(ann)
    ann.session.receive(update(typed('a')[0] ?? new Uint8Array()))
    await store.fail(new SyncError('storage-failed', 'The disk reports an error.'))
    await eventually(() => expect(rooms.trouble).not.toBeNull())
    const bob = await join()
    expect(bob.connection.take().map(read).at(-1)).toEqual({ type: 'storage', reason: 'storage-failed' })
    await store.release()
    await eventually(() => expect(bob.connection.take().map(read)).toContainEqual({ type: 'storage', reason: '' }))
  })

  test('[SV8] while commits fail an update that comes from no session is refused at once', async () => {
    const { join, store, rooms, document } = await openRooms({ retryCommitMinMs: 1 })
    const ann = await join()
    ann.session.receive(update(typed('a')[0] ?? new Uint8Array()))
    await store.fail(new SyncError('storage-full', 'The disk is full.'))
    await eventually(() => expect(rooms.trouble).not.toBeNull())
    const writing = rooms.write(document, typed('b')[0] ?? new Uint8Array(), { user: '', name: '' })
    await expect(writing).rejects.toMatchObject({ code: 'storage-full' })
    await store.release()
  })

  test('[SV6] when too much waits for the disk, writers are sent away to come back', async () => {
    const { join } = await openRooms({ maxPendingBytes: 1 })
    const { session, connection } = await join()
    session.receive(update(typed('a')[0] ?? new Uint8Array()))
    expect(connection.closed).toEqual({ code: CloseCode.overloaded, reason: 'overloaded' })
  })

  test('[SV9] the bound on what is in memory and not on disk is for all rooms together, the batch being written included', async () => {
    const letter = typed('a')[0] ?? new Uint8Array()
    const { join, store } = await openRooms({ maxUnwrittenBytes: letter.length })
    const { session, connection } = await join()
    session.receive(update(letter))
    await eventually(() => expect(store.held.length).toBe(1))
    session.receive(update(typed('b')[0] ?? new Uint8Array()))
    expect(connection.closed).toEqual({ code: CloseCode.overloaded, reason: 'overloaded' })
  })
})

describe('keeping step', () => {
  test('[KS1] a reader that does not keep up gets one diff once it has read', async () => {
    const { join, store } = await openRooms({ behindBytes: 10 })
    const [ann, bob] = [await join(), await join()]
    await inStep(bob)
    bob.connection.bufferedBytes = 11
    for (const bytes of typed('abc')) {
      ann.session.receive(update(bytes))
      await store.release()
    }
    await eventually(() => expect(bob.session.isLive).toBe(false))
    expect(bob.connection.take()).toEqual([])
    bob.connection.drain()
    await eventually(() => expect(bob.session.isLive).toBe(true))
    const updates = bodies(bob.connection.take(), 'update')
    expect(updates.length).toBe(1)
    expect(textOf(updates)).toBe('abc')
  })

  test('[KS1] presence that a reader who does not keep up missed is shown once it has read', async () => {
    const { join } = await openRooms({ behindBytes: 10 })
    const [ann, bob] = [await join(), await join()]
    await inStep(bob)
    bob.connection.bufferedBytes = 11
    ann.session.receive(awareness(7, 1, { user: 'ann' }))
    await eventually(() => expect(bob.session.isLive).toBe(false))
    expect(bob.connection.take()).toEqual([])
    bob.connection.drain()
    expect(bodies(bob.connection.take(), 'awareness').map((body) => presenceIn(body).get(7))).toEqual([{ user: 'ann' }])
    await eventually(() => expect(bob.session.isLive).toBe(true))
  })

  test('[KS4] what somebody asks who does not read waits, and is answered once', async () => {
    const { join } = await openRooms({ behindBytes: 10 })
    const { session, connection } = await join()
    session.receive(awareness(7, 1, { user: 'ann' }))
    await eventually(() => expect(bodies(connection.take(), 'awareness').length).toBe(1))
    connection.bufferedBytes = 11
    for (let asked = 0; asked < 3; asked++) {
      session.receive(step1(new Uint8Array([0])))
      session.receive(queryAwareness)
    }
    expect(connection.take()).toEqual([])
    connection.drain()
    const answers: Uint8Array[] = []
    await eventually(() => {
      answers.push(...connection.take())
      // The first step 1 that waited, and the latest of those after it.
      expect(bodies(answers, 'step2').length).toBe(2)
    })
    expect(bodies(answers, 'awareness').length).toBe(1)
  })

  test('[KS2] a message that cannot be read closes its sender and nobody else', async () => {
    const { join } = await openRooms()
    const [ann, bob] = [await join(), await join()]
    ann.session.receive(new Uint8Array([0, 2, 5, 1]))
    expect(ann.connection.closed?.code).toBe(CloseCode.malformed)
    expect(bob.connection.closed).toBeNull()
  })

  test('[KS3] an idle document leaves memory, and comes back whole', async () => {
    const { join, store, rooms, emptied } = await openRooms({ roomIdleMs: 20 })
    const { session } = await join()
    for (const bytes of typed('still here')) session.receive(update(bytes))
    await store.release()
    session.left()
    await eventually(() => expect(rooms.open).toBe(0))
    expect(emptied).toHaveBeenCalledTimes(1)
    const again = await join()
    again.session.receive(step1(new Uint8Array([0])))
    await eventually(() => expect(textOf(bodies(again.connection.take(), 'step2'))).toBe('still here'))
  })
})
