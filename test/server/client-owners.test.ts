import { expect, test, vi } from 'vitest'
import * as Y from 'yjs'
import type { Access } from '../../server/core/access.ts'
import { CloseCode } from '../../shared/close-codes.ts'
import { SyncError } from '../../shared/errors.ts'
import { parseDocumentId } from '../../shared/ids.ts'
import { accessBy, grantOf } from '../support/access.ts'
import { eventually } from '../support/eventually.ts'
import { read, update } from '../support/messages.ts'
import { openRooms, type RoomsBench } from '../support/rooms.ts'

/** Everybody is vouched for, under the name they connect with. */
const VOUCHED: Access = accessBy({
  requiresToken: false,
  authorize: ({ claimed }) =>
    Promise.resolve(grantOf({ author: claimed, shownAs: { id: claimed.user, name: claimed.user, color: 'red' } })),
})

/** Two updates of one client, the second of which builds on the first. */
function twoLetters(): readonly [Uint8Array, Uint8Array] {
  const document = new Y.Doc()
  const updates: Uint8Array[] = []
  document.on('update', (bytes: Uint8Array) => updates.push(bytes))
  document.getText('t').insert(0, 'a')
  document.getText('t').insert(1, 'b')
  const [first, second] = updates
  if (first === undefined || second === undefined) throw new Error('Two edits make two updates.')
  return [first, second]
}

/** One update of `letters` letters. */
function pasted(letters: number): Uint8Array {
  const document = new Y.Doc()
  document.getText('t').insert(0, 'x'.repeat(letters))
  return Y.encodeStateAsUpdate(document)
}

/** Another document's room, with `user` at work in it. */
async function openedBy({ rooms }: RoomsBench, document: string, user: string) {
  const room = await rooms.load(parseDocumentId(document))
  const writer = { author: { user, name: user }, owner: user, writableRoots: null }
  return { submit: (bytes: Uint8Array) => room.submit(bytes, writer) }
}

async function joined(bench: RoomsBench, user: string, access = VOUCHED) {
  return bench.join(user, undefined, access)
}

/** Whose client ids the next commit remembers. */
async function usersToRemember({ store }: RoomsBench): Promise<readonly string[]> {
  await vi.waitUntil(() => store.held.length > 0)
  return store.held[0]?.owners?.map(({ user }) => user) ?? []
}

test('[OW1] what goes on where another user’s client id stopped closes its sender with 4403', async () => {
  const bench = await openRooms()
  const [ann, mallory] = [await joined(bench, 'ann'), await joined(bench, 'mallory')]
  const [first, second] = twoLetters()
  ann.session.receive(update(first))
  mallory.session.receive(update(second))
  expect(mallory.connection.closed).toEqual({ code: CloseCode.forbidden, reason: 'permission-denied' })
  ann.session.receive(update(second))
  await bench.store.release()
  await eventually(() => expect(ann.connection.take().map(read)).toContainEqual({ type: 'saved', frames: 2, seq: 2 }))
})

test('[OW2] sending what is known is nobody’s fault', async () => {
  const bench = await openRooms()
  const [ann, bob] = [await joined(bench, 'ann'), await joined(bench, 'bob')]
  const [first] = twoLetters()
  const [own] = twoLetters()
  ann.session.receive(update(first))
  bob.session.receive(update(first))
  // As a client does that comes back: everything it has, by whomever.
  bob.session.receive(update(Y.mergeUpdates([first, own])))
  expect(bob.connection.closed).toBeNull()
  await bench.store.release()
  await eventually(() => expect(bob.connection.take().map(read)).toContainEqual({ type: 'saved', frames: 2, seq: 2 }))
})

test('[OW3] who owns an id is remembered when the document is opened anew', async () => {
  const bench = await openRooms()
  const ann = await joined(bench, 'ann')
  const [first, second] = twoLetters()
  ann.session.receive(update(first))
  await bench.store.release()
  await bench.rooms.reopen(bench.document)
  const mallory = await joined(bench, 'mallory')
  mallory.session.receive(update(second))
  expect(mallory.connection.closed?.code).toBe(CloseCode.forbidden)
})

test('[OW4] one whose gap is closed by somebody else is closed, not the one who closed it', async () => {
  const bench = await openRooms()
  const [ann, mallory] = [await joined(bench, 'ann'), await joined(bench, 'mallory')]
  const [first, second] = twoLetters()
  mallory.session.receive(update(second))
  ann.session.receive(update(first))
  expect(mallory.connection.closed?.code).toBe(CloseCode.forbidden)
  expect(ann.connection.closed).toBeNull()
  await bench.store.release()
})

test('[OW5] where nobody is vouched for, and while clients heal a server, anybody may go on under any id', async () => {
  for (const { options, access } of [
    { options: {}, access: accessBy() },
    { options: { allowForeignClientIds: true }, access: VOUCHED },
  ]) {
    const bench = await openRooms(options)
    const [ann, bob] = [await joined(bench, 'ann', access), await joined(bench, 'bob', access)]
    const [first, second] = twoLetters()
    ann.session.receive(update(first))
    bob.session.receive(update(second))
    expect(bob.connection.closed).toBeNull()
    expect(await usersToRemember(bench)).toEqual([])
    await bench.store.release()
  }
})

test('[OW6] client ids are remembered in the commit that brings them, and when that is tried again', async () => {
  const bench = await openRooms({ retryCommitMinMs: 1, retryCommitMaxMs: 1 })
  const people = [await joined(bench, 'ann'), await joined(bench, 'bob'), await joined(bench, 'cyd')]
  for (const { session } of people) session.receive(update(twoLetters()[0]))
  expect(await usersToRemember(bench)).toEqual(['ann', 'bob', 'cyd'])
  people[0]?.session.receive(update(twoLetters()[0]))
  await bench.store.fail(new SyncError('storage-full', 'No room.'))
  expect(await usersToRemember(bench)).toEqual(['ann', 'bob', 'cyd', 'ann'])
  await bench.store.release()
  // The letter that came meanwhile; whose it is was remembered with the others.
  expect(await usersToRemember(bench)).toEqual([])
  await bench.store.release()
})

test('[OW7] commits that overlap remember each client id, and none of them forgets what another still has to write', async () => {
  const bench = await openRooms({ partBytes: 1_024, retryCommitMinMs: 1, retryCommitMaxMs: 1 })
  const [ann, bob, cyd] = [
    await openedBy(bench, 'large', 'ann'),
    await openedBy(bench, 'small', 'bob'),
    await openedBy(bench, 'small', 'cyd'),
  ]
  ann.submit(pasted(2_000))
  expect(await usersToRemember(bench)).toEqual(['ann'])
  bob.submit(twoLetters()[0])
  await vi.waitUntil(() => bench.store.held.length === 2)
  await bench.store.fail(new SyncError('storage-full', 'No room.'))
  // Ann's client id goes with whatever is written first.
  expect(await usersToRemember(bench)).toEqual(['ann', 'bob'])
  await vi.waitUntil(() => bench.store.held.length === 2)
  await bench.store.release()
  cyd.submit(twoLetters()[0])
  await vi.waitUntil(() => bench.store.held.length === 2)
  expect(bench.store.held[1]?.owners?.map(({ user }) => user)).toEqual(['cyd'])
  await bench.store.release()
  await bench.store.fail(new SyncError('storage-full', 'No room.'))
  expect(await usersToRemember(bench)).toEqual(['cyd'])
})
