import { expect, test } from 'vitest'
import { SavedMark } from '../../server/core/saved-mark.ts'

test('[SM1] the mark moves over every frame whose position is committed', () => {
  const mark = new SavedMark()
  mark.add(1)
  mark.add(2)
  mark.add(2)
  expect([mark.advance(1), mark.saved]).toEqual([true, 1])
  expect([mark.advance(2), mark.saved]).toEqual([true, 3])
  expect(mark.advance(2)).toBe(false)
})

test('[SM2] a frame that is held back holds back the mark, whatever comes after it', () => {
  const mark = new SavedMark()
  const held = mark.add(null)
  mark.add(1)
  expect([mark.advance(1), mark.saved]).toEqual([false, 0])
  mark.settle(held, 2)
  expect([mark.advance(1), mark.saved]).toEqual([false, 0])
  expect([mark.advance(2), mark.saved]).toEqual([true, 2])
})

test('[SM3] a frame that holds nothing new counts at once when everything is committed', () => {
  const mark = new SavedMark()
  mark.add(0)
  expect([mark.advance(0), mark.saved]).toEqual([true, 1])
})
