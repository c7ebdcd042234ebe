import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { defaultOptions } from '../../server/config.ts'
import type { Compute } from '../../server/ports/compute.ts'
import { CloseCode } from '../../shared/close-codes.ts'
import { SyncError } from '../../shared/errors.ts'
import type { Role } from '../../shared/roles.ts'
import { accessBy, grantOf } from '../support/access.ts'
import { eventually } from '../support/eventually.ts'
import { slowInserts, victimsText } from '../support/hostile-updates.ts'
import { bodies, read, step2, update } from '../support/messages.ts'
import { type Joined, openRooms, type RoomsBench } from '../support/rooms.ts'

const LARGE = 'x'.repeat(defaultOptions.verifyOverBytes + 1)

/** What a client that types each of `texts` at the end sends, one update each. */
function typed(...texts: readonly string[]): Uint8Array[] {
  const document = new Y.Doc()
  const updates: Uint8Array[] = []
  document.on('update', (bytes: Uint8Array) => updates.push(bytes))
  const text = document.getText('t')
  for (const each of texts) text.insert(text.length, each)
  return updates
}

/** A compute thread whose verdicts wait, each until it is let go; `counts` tells how many updates each job had. */
function gated(waiting: (() => void)[], counts: number[] = []) {
  return (compute: Compute): Compute => ({
    ...compute,
    verify: async (content, updates) => {
      counts.push(updates.length)
      await new Promise<void>((resolve) => waiting.push(resolve))
      return compute.verify(content, updates)
    },
  })
}

async function closing({ connection }: Joined) {
  await eventually(() => expect(connection.closed).not.toBeNull())
  return connection.closed
}

/** Writes what comes to be written until the document has `head` updates. */
async function written({ store, rooms, document }: RoomsBench, head: number): Promise<void> {
  const room = await rooms.load(document)
  await eventually(async () => {
    while (store.held.length > 0) await store.release()
    expect(room.head).toBe(head)
  })
}

const saved = ({ connection }: Joined) =>
  connection
    .take()
    .map(read)
    .filter(({ type }) => type === 'saved')

describe('an update that a thread looks at first', () => {
  test('[VF1] is large in bytes or in structs; a small one, known ones and deletes alone go straight on', async () => {
    const counts: number[] = []
    const { join, store } = await openRooms({}, (compute) => ({
      ...compute,
      verify: (content, updates) => {
        counts.push(updates.length)
        return compute.verify(content, updates)
      },
    }))
    const ann = await join()
    const { session } = ann
    const pasted = new Y.Doc()
    pasted.getText('t').insert(0, LARGE)
    const many = new Y.Doc()
    many.transact(() => {
      for (let at = 0; at <= defaultOptions.verifyOverStructs; at++) many.getMap('m').set(`key ${at}`, at)
    })
    for (const document of [pasted, many]) {
      session.receive(update(Y.encodeStateAsUpdate(document)))
      await store.release()
    }
    await eventually(() => expect(counts).toEqual([1, 1]))
    session.receive(update(Y.encodeStateAsUpdate(pasted)))
    const before = Y.encodeStateVector(many)
    many.transact(() => [...many.getMap('m').keys()].forEach((key) => many.getMap('m').delete(key)))
    session.receive(update(Y.encodeStateAsUpdate(many, before)))
    const sparse = Y.encodeStateVector(pasted)
    pasted.transact(() => {
      for (let at = LARGE.length - 1; at >= 0; at -= 2) pasted.getText('t').delete(at, 1)
    })
    const deletes = Y.encodeStateAsUpdate(pasted, sparse)
    expect(deletes.length).toBeGreaterThan(defaultOptions.verifyOverBytes)
    session.receive(update(deletes))
    for (const bytes of typed('a', 'b')) session.receive(update(bytes))
    await store.release()
    await eventually(() => expect(saved(ann).at(-1)).toEqual({ type: 'saved', frames: 7, seq: 6 }))
    expect(counts).toEqual([1, 1])
  })

  test('[VF2] is acknowledged in its turn, after its commit; what builds on it follows without being asked for', async () => {
    const waiting: (() => void)[] = []
    const { join, store } = await openRooms({}, gated(waiting))
    const ann = await join('ann')
    ann.session.receive(step2(new Uint8Array([0, 0])))
    ann.connection.take()
    for (const bytes of typed(LARGE, 'b', 'c')) ann.session.receive(update(bytes))
    await eventually(() => expect(waiting.length).toBe(1))
    expect(ann.connection.take()).toEqual([])
    waiting.shift()?.()
    await store.release()
    await eventually(() => expect(saved(ann)).toEqual([{ type: 'saved', frames: 4, seq: 3 }]))
    expect(bodies(ann.connection.take(), 'step1')).toEqual([])
  })

  test('[VF3] holds up nobody else, nor what the same client sends that does not build on it', async () => {
    const waiting: (() => void)[] = []
    const { join, store } = await openRooms({}, gated(waiting))
    const [ann, bob] = [await join('ann'), await join('bob')]
    for (const bytes of typed(LARGE)) ann.session.receive(update(bytes))
    for (const bytes of typed('own')) ann.session.receive(update(bytes))
    for (const bytes of typed('other')) bob.session.receive(update(bytes))
    await store.release()
    await eventually(() => expect(saved(bob)).toEqual([{ type: 'saved', frames: 1, seq: 2 }]))
    expect(saved(ann)).toEqual([])
    await eventually(() => expect(waiting.length).toBe(1))
    waiting.shift()?.()
    await store.release()
    await eventually(() => expect(saved(ann)).toEqual([{ type: 'saved', frames: 2, seq: 3 }]))
  })

  test('[VF4] is tried against everything taken before it, and several that wait are tried together', async () => {
    const waiting: (() => void)[] = []
    const counts: number[] = []
    const bench = await openRooms({}, gated(waiting, counts))
    const ann = await bench.join('ann')
    for (const bytes of typed('a', LARGE, 'b', LARGE)) ann.session.receive(update(bytes))
    expect(counts).toEqual([])
    await written(bench, 1)
    await eventually(() => expect(waiting.length).toBe(1))
    for (const bytes of [...typed(LARGE), ...typed(LARGE)]) ann.session.receive(update(bytes))
    waiting.shift()?.()
    await written(bench, 3)
    await eventually(() => expect(waiting.length).toBe(1))
    waiting.shift()?.()
    await written(bench, 6)
    await eventually(() => expect(saved(ann).at(-1)).toEqual({ type: 'saved', frames: 6, seq: 6 }))
    expect(counts).toEqual([1, 3])
  })

  test('[VF5] is taken although its author has left meanwhile, and keeps the document in memory', async () => {
    const waiting: (() => void)[] = []
    const { join, store, rooms, document } = await openRooms({ roomIdleMs: 5 }, gated(waiting))
    const ann = await join('ann')
    const room = await rooms.load(document)
    for (const bytes of typed(LARGE)) ann.session.receive(update(bytes))
    await eventually(() => expect(waiting.length).toBe(1))
    ann.session.left()
    expect(room.isIdle).toBe(false)
    waiting.shift()?.()
    await store.release()
    await eventually(() => expect(room.head).toBe(1))
  })

  test('[VF6] that would take everybody ages to apply closes its sender with 4400, and nothing of it stays', async () => {
    const { join, store, rooms, document } = await openRooms({ maxSiblingsWalked: 1_000 })
    const [ann, mallory] = [await join('ann'), await join('mallory')]
    ann.session.receive(update(victimsText(2_000)))
    await store.release()
    mallory.session.receive(update(slowInserts(100, 400, 2_000)))
    expect(await closing(mallory)).toEqual({ code: CloseCode.malformed, reason: 'update-too-costly' })
    expect(ann.connection.closed).toBeNull()
    ann.session.receive(update(typed(LARGE)[0] ?? new Uint8Array()))
    await store.release()
    await eventually(async () => expect((await rooms.load(document)).head).toBe(2))
    // Ann's two updates, and none between them.
    await eventually(() => expect(saved(ann).at(-1)).toEqual({ type: 'saved', frames: 2, seq: 2 }))
  })

  test('[VF7] that hangs or ends the thread costs its sender alone, also when others wait with it', async () => {
    const bench = await openRooms({}, (compute) => ({
      ...compute,
      verify: async (content, updates) => {
        if (updates.every((bytes) => bytes.length <= 10_000)) return compute.verify(content, updates)
        // It takes a while, as in truth: whoever tries it again and again at once would stop the test, too.
        await new Promise((resolve) => setImmediate(resolve))
        throw new SyncError('job-timed-out', 'The job took too long.')
      },
    }))
    const [ann, mallory] = [await bench.join('ann'), await bench.join('mallory')]
    mallory.session.receive(update(typed('x'.repeat(5_000))[0] ?? new Uint8Array()))
    mallory.session.receive(update(typed('x'.repeat(10_001))[0] ?? new Uint8Array()))
    ann.session.receive(update(typed(LARGE)[0] ?? new Uint8Array()))
    await written(bench, 2)
    expect(await closing(mallory)).toEqual({ code: CloseCode.malformed, reason: 'update-too-costly' })
    await eventually(() => expect(saved(ann)).toEqual([{ type: 'saved', frames: 1, seq: 2 }]))
  })

  test('[VF8] waits within `maxPendingBytes` per document; over that its sender is sent away to come back', async () => {
    const waiting: (() => void)[] = []
    const bench = await openRooms({ maxPendingBytes: 6_000 }, gated(waiting))
    const ann = await bench.join('ann')
    for (const head of [1, 2]) {
      for (const bytes of typed(LARGE)) ann.session.receive(update(bytes))
      await eventually(() => expect(waiting.length).toBe(1))
      waiting.shift()?.()
      await written(bench, head)
    }
    expect(ann.connection.closed).toBeNull()
    for (const bytes of [...typed(LARGE), ...typed(LARGE)]) ann.session.receive(update(bytes))
    expect(await closing(ann)).toEqual({ code: CloseCode.overloaded, reason: 'overloaded' })
  })

  test('[VF9] is not even read on the event loop when it is very large', async () => {
    const { join } = await openRooms({ inlineWalkBytes: 3 })
    const mallory = await join('mallory')
    mallory.session.receive(update(new Uint8Array([1, 1, 1, 1])))
    expect(mallory.connection.closed).toBeNull()
    expect(await closing(mallory)).toEqual({ code: CloseCode.malformed, reason: 'malformed-update' })
  })
})

describe('[VF12] while it waits', () => {
  const buffersSeen: unknown[] = []
  const watched = (compute: Compute): Compute => ({
    ...compute,
    verify: (content, updates) => {
      for (const { buffer } of updates) buffersSeen.push(buffer)
      return compute.verify(content, updates)
    },
  })

  test.each([
    { what: 'it stays in the message that it fills', slack: 0, isKept: true },
    { what: 'it does not keep much more than itself in memory', slack: LARGE.length, isKept: false },
  ])('$what', async ({ slack, isKept }) => {
    const { join } = await openRooms({}, watched)
    const ann = await join('ann')
    const message = update(typed(LARGE)[0] ?? new Uint8Array())
    const arrived = new Uint8Array(message.length + slack)
    arrived.set(message)
    ann.session.receive(arrived.subarray(0, message.length))
    await eventually(() => expect(buffersSeen).not.toEqual([]))
    expect(buffersSeen.splice(0)[0] === arrived.buffer).toBe(isKept)
  })
})

describe('[VF11] a commenter', () => {
  const asCommenter = accessBy({
    requiresToken: false,
    authorize: ({ claimed }) => Promise.resolve(grantOf({ author: claimed, role: 'commenter' })),
  })

  test('may change the comments, however small the change, and nothing else; the session goes on', async () => {
    const bench = await openRooms()
    const carl = await bench.join('carl', undefined, asCommenter)
    const document = new Y.Doc()
    const updates: Uint8Array[] = []
    document.on('update', (bytes: Uint8Array) => updates.push(bytes))
    document.getMap('comments').set('thread', 'agreed')
    document.transact(() => {
      document.getText('body').insert(0, 'x')
      document.getMap('comments').set('thread', 'and the text')
    })
    for (const bytes of updates) carl.session.receive(update(bytes))
    await written(bench, 1)
    const answers: unknown[] = []
    await eventually(() => {
      answers.push(...carl.connection.take().map(read))
      expect(answers).toContainEqual({ type: 'refused', frame: 2, reason: 'comments-only' })
      expect(answers).toContainEqual({ type: 'saved', frames: 2, seq: 1 })
    })
    expect(carl.connection.closed).toBeNull()
  })

  test('who lost the right to write while an update was tried out is refused it', async () => {
    const waiting: (() => void)[] = []
    const bench = await openRooms({}, gated(waiting))
    let role: Role = 'editor'
    const access = accessBy({
      requiresToken: false,
      authorize: ({ claimed }) => Promise.resolve(grantOf({ author: claimed, role })),
    })
    const ann = await bench.join('ann', undefined, access)
    for (const bytes of typed(LARGE)) ann.session.receive(update(bytes))
    await eventually(() => expect(waiting.length).toBe(1))
    role = 'viewer'
    ann.session.renew('again')
    await eventually(() => expect(ann.session.writableRoots).toEqual([]))
    ann.connection.take()
    waiting.shift()?.()
    await eventually(() =>
      expect(ann.connection.take().map(read)).toContainEqual({ type: 'refused', frame: 1, reason: 'read-only' }),
    )
    expect((await bench.rooms.load(bench.document)).head).toBe(0)
  })
})
