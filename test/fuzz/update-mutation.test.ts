import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { SyncError } from '../../shared/errors.ts'
import { Coverage } from '../../shared/update/coverage.ts'
import { foldUpdates } from '../../shared/update/fold.ts'
import { splitUpdate } from '../../shared/update/split.ts'
import { UpdateShape, walkUpdate } from '../../shared/update/walk.ts'
import { mutate } from '../../trust/fuzz/mutate.ts'
import { isWaiting, randomFrom, randomSession } from '../../trust/fuzz/update-documents.ts'

const SEEDS = Array.from({ length: 6 }, (_, seed) => seed + 1)
const MUTANTS_PER_SEED = 2_000

const shape = new UpdateShape()

describe.each(SEEDS)('seed %i', (seed) => {
  test('[UP7] damaged updates are refused as malformed, or are updates that Yjs can read and apply', () => {
    const random = randomFrom(seed)
    const { log, documents } = randomSession(random, 60)
    const originals = [...log, ...documents.map((document) => Y.encodeStateAsUpdate(document))]
    for (let i = 0; i < MUTANTS_PER_SEED; i++) {
      const mutant = mutate(random, originals)
      if (!isWalked(mutant)) continue
      Y.decodeUpdate(mutant)
      const isGap = Coverage.empty().relation(shape) === 'gap'
      const document = new Y.Doc()
      Y.applyUpdate(document, mutant)
      expect(isWaiting(document), `mutant ${i}`).toBe(isGap)
      splitUpdate(mutant, 30)
      if (!isGap) foldUpdates([mutant], null)
    }
  })
})

/** False when it is refused in the way it has to be. */
function isWalked(update: Uint8Array): boolean {
  try {
    walkUpdate(update, shape)
    return true
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(SyncError)
    expect(thrown).toHaveProperty('code', 'malformed-update')
    return false
  }
}
