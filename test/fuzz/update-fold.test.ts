import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { foldUpdates } from '../../shared/update/fold.ts'
import { splitUpdate } from '../../shared/update/split.ts'
import { decodeStateVector } from '../../shared/update/state-vector.ts'
import {
  below,
  contentOf,
  documentOf,
  isWaiting,
  randomFrom,
  randomSession,
} from '../../trust/fuzz/update-documents.ts'

const SEEDS = Array.from({ length: 30 }, (_, seed) => seed + 1)

function expectSame(actual: Y.Doc, expected: Y.Doc): void {
  expect(isWaiting(actual)).toBe(false)
  expect(Y.encodeSnapshot(Y.snapshot(actual))).toEqual(Y.encodeSnapshot(Y.snapshot(expected)))
  expect(contentOf(actual)).toEqual(contentOf(expected))
}

describe.each(SEEDS)('seed %i', (seed) => {
  test('[UP4] folded updates do to an empty document what the log does', () => {
    const { log } = randomSession(randomFrom(seed), 150)
    expectSame(documentOf(foldUpdates(log, null)), documentOf(log))
  })

  test('[UP5] folded updates bring any earlier document up to date', () => {
    const random = randomFrom(seed)
    const { log } = randomSession(random, 150)
    const stale = documentOf(log.slice(0, below(random, log.length)))
    const folded = foldUpdates(log, decodeStateVector(Y.encodeStateVector(stale), 10))
    for (const update of folded) Y.applyUpdate(stale, update)
    expectSame(stale, documentOf(log))
  })

  test('[UP6] each part of a split update can be applied after those before it, and is as small as asked', () => {
    const random = randomFrom(seed)
    const { log } = randomSession(random, 200)
    const maxBytes = 100 + below(random, 800)
    const whole = documentOf(log)
    for (const updates of [foldUpdates(log, null), [Y.encodeStateAsUpdate(whole)]]) {
      const document = new Y.Doc()
      for (const part of updates.flatMap((update) => splitUpdate(update, maxBytes))) {
        expect(part.length).toBeLessThanOrEqual(maxBytes)
        Y.applyUpdate(document, part)
        expect(isWaiting(document)).toBe(false)
      }
      expectSame(document, whole)
    }
  })
})
