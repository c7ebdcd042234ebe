/** Who is here, out of awareness states that anyone may have written. */
import { describe, expect, test } from 'vitest'
import { describeArrivals, initials, peopleIn, type Person } from '../../web/editor/presence.ts'

const ann = { user: { id: 'ann', name: 'Ann Lee', color: '#b4351f' } }
const bob = { user: { id: 'bob', name: 'Bob Ruiz', color: '#1b6e8c' } }
const chen = { user: { id: 'chen', name: 'Chen Wei', color: '#6a3fb5' } }

function names(states: readonly (readonly [number, unknown])[], own = 0): string[] {
  return peopleIn(new Map(states), own).map(({ name }) => name)
}

describe('people', () => {
  test('[ED20] come in order of arrival, the visitor last', () => {
    const states = [
      [1, bob],
      [2, ann],
      [3, chen],
    ] as const
    expect(names(states, 2)).toEqual(['Bob Ruiz', 'Chen Wei', 'Ann Lee'])
  })

  test('[ED21] a person with two tabs is one person with two client ids', () => {
    const [person, ...others] = peopleIn(
      new Map([
        [1, ann],
        [2, ann],
      ]),
      2,
    )
    expect(others).toEqual([])
    expect(person).toMatchObject({ name: 'Ann Lee', isSelf: true, clientIds: [1, 2] })
  })

  test('[ED22] a person is idle only when all of their tabs are', () => {
    const idle = { ...ann, idle: true }
    expect(
      peopleIn(
        new Map([
          [1, idle],
          [2, ann],
        ]),
        0,
      )[0]?.isIdle,
    ).toBe(false)
    expect(
      peopleIn(
        new Map([
          [1, ann],
          [2, idle],
        ]),
        0,
      )[0]?.isIdle,
    ).toBe(false)
    expect(
      peopleIn(
        new Map([
          [1, idle],
          [2, idle],
        ]),
        0,
      )[0]?.isIdle,
    ).toBe(true)
  })

  test('[ED23] states of any shape are read without throwing, and those without a user are nobody', () => {
    const states = [
      [1, null],
      [2, 'x'],
      [3, {}],
      [4, { user: 7 }],
      [5, { user: {} }],
    ] as const
    expect(names(states)).toEqual(['Guest', 'Guest'])
  })

  test('[ED24] a colour that is no plain hexadecimal colour is replaced', () => {
    const odd = { user: { id: 'x', name: 'X', color: 'url(https://elsewhere.test/)' } }
    expect(peopleIn(new Map([[1, odd]]), 0)[0]?.color).toBe('#5f5b54')
  })

  test.each([
    ['Ann Lee', 'AL'],
    ['ann', 'A'],
    ['  Ann  Maria  Lee ', 'AL'],
    ['日本 太郎', '日太'],
    ['👩‍🚀 Kim', '👩‍🚀K'],
    ['', '?'],
  ])('[ED25] the initials of “%s” are %s', (name, letters) => {
    expect(initials(name)).toBe(letters)
  })
})

describe('arrivals', () => {
  const people = (...states: readonly unknown[]): readonly Person[] =>
    peopleIn(new Map(states.map((state, index) => [index + 1, state])), 1)

  test.each<[string, readonly Person[], readonly Person[]]>([
    ['', people(ann, bob), people(ann, bob)],
    ['', [], people(ann)],
    ['Bob Ruiz joined.', people(ann), people(ann, bob)],
    ['Bob Ruiz and Chen Wei left.', people(ann, bob, chen), people(ann)],
    ['Chen Wei joined. Bob Ruiz left.', people(ann, bob), people(ann, chen)],
  ])('[ED26] are told as “%s”', (words, before, after) => {
    expect(describeArrivals(before, after)).toBe(words)
  })

  test('[ED27] a crowd is a number', () => {
    const crowd = [1, 2, 3].map((id) => ({ user: { id: `${id}`, name: `${id}` } }))
    expect(describeArrivals(people(ann), people(ann, ...crowd))).toBe('3 people joined.')
  })
})
