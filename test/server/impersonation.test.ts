import { expect, test } from 'vitest'
import { accessBy, grantOf } from '../support/access.ts'
import { eventually } from '../support/eventually.ts'
import { awareness, bodies, presenceIn } from '../support/messages.ts'
import { openRooms } from '../support/rooms.ts'
import type { FakeConnection } from '../support/fake-connection.ts'

const ADA = { id: 'ada', name: 'Ada', color: '#b4351f' }
const EVE = { id: 'eve', name: 'Eve', color: '#1b6e8c' }

/** Lets everybody in as `shownAs`. */
const accessOf = (shownAs: typeof ADA) =>
  accessBy({
    requiresToken: true,
    authorize: () => Promise.resolve(grantOf({ author: { user: shownAs.id, name: shownAs.name }, shownAs })),
  })

/** Waits until `client` is shown with something that `state` matches; what was shown meanwhile adds to `seen`. */
async function isShown(
  connection: FakeConnection,
  seen: Map<number, unknown>,
  client: number,
  state: object,
): Promise<void> {
  await eventually(() => {
    for (const body of bodies(connection.take(), 'awareness')) {
      for (const [id, shown] of presenceIn(body)) seen.set(id, shown)
    }
    expect(seen.get(client)).toMatchObject(state)
  })
}

test('[AC8] a user is who the token says, in every field, whatever the client says', async () => {
  const { join } = await openRooms()
  const ada = await join('', undefined, accessOf(ADA))
  const eve = await join('', undefined, accessOf(EVE))
  const claims = [
    '{"user": {"id": "ada", "name": "Ada", "color": "#b4351f", "colorLight": "#b4351f33", "picture": "ada.png"}}',
    '{"user": "Ada"}',
    '{"user": null}',
    '{"user": ["Ada"]}',
    '{"user": {"name": "Eve"}, "user": {"name": "Ada"}}',
    '{"__proto__": {"user": {"name": "Ada"}}}',
    '{"toJSON": "Ada"}',
    '{}',
  ]
  for (const [clock, claim] of claims.entries()) {
    const state = { ...(JSON.parse(claim) as object), claim: clock }
    eve.session.receive(awareness(7, clock + 1, state))
    const seen = new Map<number, { user?: unknown }>()
    await isShown(ada.connection, seen, 7, { claim: clock })
    expect(seen.get(7)?.user, claim).toEqual(EVE)
  }
})

test('[AC8] nobody takes over somebody else’s caret, not even with the first message', async () => {
  const { join } = await openRooms()
  const ada = await join('', undefined, accessOf(ADA))
  ada.session.receive(awareness(7, 1, { at: 1 }))
  const eve = await join('', undefined, accessOf(EVE))
  eve.session.receive(awareness(7, 9, { at: 2 }))
  eve.session.receive(awareness(7, 10, null))
  eve.session.receive(awareness(8, 1, { at: 3 }))
  const seen = new Map<number, unknown>()
  await isShown(ada.connection, seen, 8, { user: EVE, at: 3 })
  expect(seen.get(7)).toEqual({ user: ADA, at: 1 })
})

test('[AC8] somebody who is back does take over their own', async () => {
  const { join } = await openRooms()
  const access = accessOf(ADA)
  const [before, watcher] = [await join('', undefined, access), await join('', undefined, access)]
  before.session.receive(awareness(7, 1, { at: 1 }))
  const back = await join('', undefined, access)
  back.session.receive(awareness(7, 2, { at: 2 }))
  await isShown(watcher.connection, new Map(), 7, { user: ADA, at: 2 })
  before.session.left()
  back.session.receive(awareness(7, 3, { at: 3 }))
  await isShown(watcher.connection, new Map(), 7, { user: ADA, at: 3 })
})

test('[AC8] edits carry the name of the token, not the one that was claimed', async () => {
  const { join, store } = await openRooms()
  const eve = await join('ada', undefined, accessOf(EVE))
  eve.session.receive(new Uint8Array([0, 2, 13, 1, 1, 1, 0, 4, 1, 1, 116, 3, 97, 98, 99, 0]))
  await eventually(() => expect(store.held.length).toBe(1))
  expect(store.held[0]?.documents[0]?.updates[0]?.author).toEqual({ user: 'eve', name: 'Eve' })
})
