import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { Coverage } from '../../shared/update/coverage.ts'
import { outlineOf, readOutline } from '../../shared/update/outline.ts'
import { UpdateShape, walkUpdate } from '../../shared/update/walk.ts'
import { below, documentOf, isWaiting, randomFrom, randomSession } from '../../trust/fuzz/update-documents.ts'

/** Enough that every edit kind meets every other in a few seconds; each seed is one session. */
const SEEDS = Array.from({ length: 30 }, (_, seed) => seed + 1)

const shape = new UpdateShape()

function relationOf(coverage: Coverage, update: Uint8Array) {
  walkUpdate(update, shape)
  return coverage.relation(shape)
}

/** The relation of the update walked last, by its outline. */
function outlinedRelation(coverage: Coverage) {
  const outlined = new UpdateShape()
  readOutline(outlineOf(shape), outlined)
  return coverage.relation(outlined)
}

describe.each(SEEDS)('seed %i', (seed) => {
  test('[UP1] every update of a log is known or new after those before it, as Yjs says', () => {
    const { log } = randomSession(randomFrom(seed), 120)
    const coverage = Coverage.empty()
    for (const update of log) {
      const isKnown = Y.snapshotContainsUpdate(Y.decodeSnapshot(coverage.encode()), update)
      expect(relationOf(coverage, update)).toBe(isKnown ? 'known' : 'new')
      coverage.add(shape)
      expect(relationOf(coverage, update)).toBe('known')
    }
  })

  test('[UP2] a log and the state it leads to cover exactly what Yjs calls its snapshot', () => {
    const { log, documents } = randomSession(randomFrom(seed), 120)
    const coverage = Coverage.empty()
    for (const update of log) {
      walkUpdate(update, shape)
      coverage.add(shape)
    }
    for (const document of documents) {
      expect(coverage.encodeStateVector()).toEqual(Y.encodeStateVector(document))
      // Deletes that follow from others (the loser of two map entries, redundant formats) are in states only.
      expect(relationOf(coverage, Y.encodeStateAsUpdate(document))).not.toBe('gap')
      coverage.add(shape)
      expect(relationOf(coverage, Y.encodeStateAsUpdate(document))).toBe('known')
    }
    const whole = documentOf([...log, ...documents.map((document) => Y.encodeStateAsUpdate(document))])
    walkUpdate(Y.encodeStateAsUpdate(whole), shape)
    coverage.add(shape)
    expect(coverage.encode()).toEqual(Y.encodeSnapshot(Y.snapshot(whole)))
    expect(Coverage.decode(coverage.encode()).encode()).toEqual(coverage.encode())
  })

  test('[UP3] an update is a gap exactly when Yjs would keep some of it waiting', () => {
    const random = randomFrom(seed)
    const { log } = randomSession(random, 60)
    const coverage = Coverage.empty()
    let taken: Uint8Array[] = []
    for (let i = 0; i < 60; i++) {
      const update = log[below(random, Math.min(log.length, taken.length + 4))] ?? new Uint8Array([0, 0])
      const relation = relationOf(coverage, update)
      expect(relation === 'gap').toBe(isWaiting(documentOf([...taken, update])))
      expect(outlinedRelation(coverage)).toBe(relation)
      if (relation !== 'new') continue
      coverage.add(shape)
      taken = [...taken, update]
    }
  })
})
