import { describe, expect, test } from 'vitest'
import { yWebsocket } from '../../server/dialects/y-websocket.ts'
import { encodeAwareness } from '../../shared/awareness.ts'
import { CloseCode } from '../../shared/close-codes.ts'
import { eventually } from '../support/eventually.ts'
import { bodies, awareness, presenceIn, step2 } from '../support/messages.ts'
import { openRooms } from '../support/rooms.ts'
import type { FakeConnection } from '../support/fake-connection.ts'

const ANN = 11
const BOB = 22

function shown(connection: FakeConnection): Map<number, unknown> {
  return new Map(bodies(connection.take(), 'awareness').flatMap((body) => [...presenceIn(body)]))
}

async function twoPeople() {
  const bench = await openRooms()
  const [ann, bob] = [await bench.join(), await bench.join()]
  ann.session.receive(awareness(ANN, 1, { user: 'Ann' }))
  await eventually(() => expect(shown(bob.connection)).toEqual(new Map([[ANN, { user: 'Ann' }]])))
  bob.session.receive(awareness(BOB, 1, { user: 'Bob' }))
  bob.session.receive(step2(new Uint8Array([0, 0])))
  await eventually(() => expect(shown(ann.connection).get(BOB)).toEqual({ user: 'Bob' }))
  bob.connection.take()
  return { ...bench, ann, bob }
}

describe('presence', () => {
  test('[PR1] what a client shows goes to everybody, itself included', async () => {
    const { ann, bob } = await twoPeople()
    ann.session.receive(awareness(ANN, 2, { user: 'Ann', at: 5 }))
    await eventually(() => expect(shown(bob.connection).get(ANN)).toEqual({ user: 'Ann', at: 5 }))
    expect(shown(ann.connection).get(ANN)).toEqual({ user: 'Ann', at: 5 })
  })

  test('[PR2] whoever joins sees at once who is here', async () => {
    const { join } = await twoPeople()
    const { connection } = await join()
    expect(new Set(shown(connection).keys())).toEqual(new Set([ANN, BOB]))
  })

  test('[PR3] whoever leaves is gone for everybody', async () => {
    const { ann, bob } = await twoPeople()
    ann.session.left()
    await eventually(() => expect(shown(bob.connection)).toEqual(new Map([[ANN, null]])))
  })

  test("[PR4] repeating or removing somebody else's presence changes nothing", async () => {
    const { ann, bob, join } = await twoPeople()
    bob.session.receive(awareness(ANN, 9, { user: 'Mallory' }))
    bob.session.receive(awareness(ANN, 9, null))
    bob.session.left()
    await eventually(() => expect(shown(ann.connection).get(BOB)).toBeNull())
    expect(shown((await join()).connection)).toEqual(new Map([[ANN, { user: 'Ann' }]]))
  })

  test('[PR5] a client that is back before its old connection was found dead is shown', async () => {
    const { bob, ann, join } = await twoPeople()
    const annAgain = await join()
    annAgain.session.receive(awareness(ANN, 1, { user: 'Ann', back: true }))
    await eventually(() => expect(shown(bob.connection).get(ANN)).toEqual({ user: 'Ann', back: true }))
    ann.session.left()
    expect(shown((await join()).connection).get(ANN)).toEqual({ user: 'Ann', back: true })
  })

  test('[PR6] a client that comes back with the clock it left with is told to speak up', async () => {
    const { ann, bob, join } = await twoPeople()
    ann.session.left()
    await eventually(() => expect(shown(bob.connection).get(ANN)).toBeNull())
    const annAgain = await join()
    annAgain.connection.take()
    annAgain.session.receive(awareness(ANN, 1, { user: 'Ann' }))
    expect(shown(annAgain.connection)).toEqual(new Map([[ANN, null]]))
    annAgain.session.receive(awareness(ANN, 3, { user: 'Ann' }))
    await eventually(() => expect(shown(bob.connection).get(ANN)).toEqual({ user: 'Ann' }))
  })

  test('[PR8] presence nested so deep that clients could not compare it is shown to nobody; brackets in text are text', async () => {
    const { ann, bob } = await twoPeople()
    let deep: object = {}
    for (let depth = 0; depth < 20; depth++) deep = { in: deep }
    // Had it been taken, what follows would be older.
    ann.session.receive(awareness(ANN, 9, deep))
    ann.session.receive(awareness(ANN, 4, { user: `"${'['.repeat(40)}\\` }))
    await eventually(() => expect(shown(bob.connection)).toEqual(new Map([[ANN, { user: `"${'['.repeat(40)}\\` }]])))
    expect(ann.connection.closed).toBeNull()
  })

  test('[PR9] a connection shows two client ids at most, and another one in the place of one that is gone', async () => {
    const { ann, bob } = await twoPeople()
    for (const client of [100, 101]) ann.session.receive(awareness(client, 1, { user: 'Ann' }))
    await eventually(() => expect([...shown(bob.connection).keys()]).toEqual([100]))
    ann.session.receive(awareness(100, 2, null))
    ann.session.receive(awareness(101, 2, { user: 'Ann' }))
    await eventually(() =>
      expect(shown(bob.connection)).toEqual(
        new Map<number, unknown>([
          [100, null],
          [101, { user: 'Ann' }],
        ]),
      ),
    )
  })

  test('[PR10] of a message of more states than are read the rest is ignored, and nobody is sent away', async () => {
    const { ann, bob } = await twoPeople()
    ann.session.receive(step2(new Uint8Array([0, 0])))
    const others = Array.from({ length: 1_000 }, () => ({ client: BOB, clock: 9, json: '{}' }))
    const own = (clock: number) => ({ client: ANN, clock, json: JSON.stringify({ user: 'Ann', clock }) })
    ann.session.receive(yWebsocket.awareness(encodeAwareness([...others, own(3)])))
    ann.session.receive(yWebsocket.awareness(encodeAwareness([...others.slice(1), own(2)])))
    await eventually(() => expect(shown(bob.connection)).toEqual(new Map([[ANN, { user: 'Ann', clock: 2 }]])))
    expect(ann.connection.closed).toBeNull()
  })

  test('[PR11] states of others are passed over unread; a message that is cut closes its sender', async () => {
    const { ann, bob } = await twoPeople()
    const cut = encodeAwareness([{ client: BOB, clock: 9, json: '{}' }]).subarray(0, -1)
    ann.session.receive(yWebsocket.awareness(encodeAwareness([{ client: BOB, clock: 9, json: 'no JSON' }])))
    expect(ann.connection.closed).toBeNull()
    ann.session.receive(yWebsocket.awareness(cut))
    expect(ann.connection.closed?.code).toBe(CloseCode.malformed)
    expect(bob.connection.closed).toBeNull()
  })

  test('[PR12] of more states than one window takes the newest wait for the next; each is sent, and none twice', async () => {
    const { join } = await openRooms({ awarenessBytesPerWindow: 100 })
    const people = await Promise.all(Array.from({ length: 5 }, () => join()))
    const [first] = people
    first?.connection.take()
    const state = { text: 'x'.repeat(60) }
    for (const [at, { session }] of people.entries()) session.receive(awareness(at + 1, 1, state))
    const messages: Uint8Array[] = []
    await eventually(() => {
      messages.push(...(first?.connection.take() ?? []))
      expect(bodies(messages, 'awareness').length).toBe(5)
    })
    expect(bodies(messages, 'awareness').flatMap((body) => [...presenceIn(body).keys()])).toEqual([1, 2, 3, 4, 5])
  })

  test('[PR7] presence that is no JSON, or too large, is shown to nobody', async () => {
    const { ann, bob } = await twoPeople()
    const broken = awareness(ANN, 2, { user: 'x' })
    broken[broken.length - 1] = 0x5b
    ann.session.receive(broken)
    ann.session.receive(awareness(ANN, 3, { user: 'x'.repeat(100_000) }))
    ann.session.receive(awareness(ANN, 4, { user: 'fine' }))
    await eventually(() => expect(shown(bob.connection)).toEqual(new Map([[ANN, { user: 'fine' }]])))
  })
})
