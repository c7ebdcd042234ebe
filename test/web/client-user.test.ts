import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { applyAwarenessUpdate, Awareness, encodeAwarenessUpdate } from 'y-protocols/awareness'
import * as Y from 'yjs'
import { colorOf } from '../../shared/colors.ts'
import { LocalUser } from '../../web/client/local-user.ts'
import { bench } from './client-fakes.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function awareness(clientId: number): Awareness {
  const doc = new Y.Doc()
  doc.clientID = clientId
  return new Awareness(doc)
}

function show(from: Awareness, to: Awareness): void {
  applyAwarenessUpdate(to, encodeAwarenessUpdate(from, [from.clientID]), 'test')
}

describe('the local user', () => {
  test('[CL20] everybody sees id, name and colour, and changes of them, in the awareness field `user`', async () => {
    const { client } = await bench({ user: { id: 'ada', name: 'Ada' } })
    expect(client.awareness.getLocalState()?.['user']).toEqual({ id: 'ada', name: 'Ada', color: colorOf('ada') })
    client.setUser({ name: 'Ada L.', color: '#000000' })
    expect(client.user).toEqual({ id: 'ada', name: 'Ada L.', color: '#000000' })
    expect(client.awareness.getLocalState()?.['user']).toEqual(client.user)
    client.destroy()
  })

  test('[CL21] a user without an id gets the one the device keeps', async () => {
    const { client } = await bench()
    expect(client.user).toEqual({ id: 'somebody', name: '', color: colorOf('somebody') })
    client.destroy()
  })

  test('[CL22] the same id has the same colour everywhere, and the twelve colours are all used', () => {
    expect(colorOf('ada')).toBe(colorOf('ada'))
    const colors = new Set(Array.from({ length: 500 }, (_, index) => colorOf(`user ${index}`)))
    expect(colors.size).toBe(12)
  })

  test('[CL23] the next free colour is taken where the own one is; when all are taken, the own one', () => {
    const own = colorOf('ada')
    const next = colorOf('ada', new Set([own]))
    expect(next).not.toBe(own)
    const all = new Set(Array.from({ length: 500 }, (_, index) => colorOf(`user ${index}`)))
    expect(colorOf('ada', all)).toBe(own)
  })

  test('[CL24] of two people with one colour exactly one gives way', () => {
    const [first, second] = [awareness(1), awareness(2)]
    const a = new LocalUser(first, { id: 'ada' }, String)
    // Another id with the same colour by hash.
    const twin = Array.from({ length: 500 }, (_, index) => `user ${index}`).find((id) => colorOf(id) === colorOf('ada'))
    const b = new LocalUser(second, { id: twin ?? '' }, String)
    expect(b.value.color).toBe(a.value.color)
    // Each learns of the other before it has heard of any answer.
    const [fromFirst, fromSecond] = [encodeAwarenessUpdate(first, [1]), encodeAwarenessUpdate(second, [2])]
    applyAwarenessUpdate(second, fromFirst, 'test')
    applyAwarenessUpdate(first, fromSecond, 'test')
    expect(a.value.color).toBe(colorOf('ada'))
    expect(b.value.color).not.toBe(a.value.color)
    first.destroy()
    second.destroy()
  })

  test('[CL25] a chosen colour stays, and so does the colour of one person in two tabs', () => {
    const [first, second, third] = [awareness(1), awareness(2), awareness(3)]
    const a = new LocalUser(first, { id: 'ada' }, String)
    const sameUser = new LocalUser(second, { id: 'ada' }, String)
    const chosen = new LocalUser(third, { id: 'eve', color: a.value.color }, String)
    show(first, second)
    show(first, third)
    expect(sameUser.value.color).toBe(a.value.color)
    expect(chosen.value.color).toBe(a.value.color)
    for (const each of [first, second, third]) each.destroy()
  })

  test('[CL26] states of others that have no shape are no trouble', () => {
    const [first, second] = [awareness(1), awareness(2)]
    const user = new LocalUser(second, { id: 'ada' }, String)
    for (const state of [{}, { user: null }, { user: 'x' }, { user: { id: 1, color: {} } }]) {
      first.setLocalState(state)
      show(first, second)
    }
    expect(user.value.color).toBe(colorOf('ada'))
    first.destroy()
    second.destroy()
  })
})
