/**
 * Finds the updates whose text stands in different places for those who took them at different times.
 *
 * Items between two that never were neighbours are no proof: undoing something inside a restored type makes such items,
 * too, which do no harm. So the document is made in several orders, and only where these differ an update is at fault.
 */
import * as Y from 'yjs'
import { SyncError } from '../../shared/errors.ts'
import { UpdateShape, walkUpdate } from '../../shared/update/walk.ts'
import { equal, rootsOf } from './type-content.ts'

/** Of more suspects than this nobody waits for which of them it was. */
const MAX_TRIED_ALONE = 20

/** What such an update is refused with. */
export function diverges(): SyncError {
  return new SyncError('malformed-update', 'The update is not in the same place for everybody.')
}

/**
 * The places in `tail`, of updates in the order in which they came, of those that hold one of the `misplaced` items and
 * are not the same to everybody.
 */
export function divergingUpdates(
  snapshot: readonly Uint8Array[],
  tail: readonly Uint8Array[],
  misplaced: readonly Y.ID[],
): readonly number[] {
  if (misplaced.length === 0) return []
  const suspects = tail.flatMap((update, at) => (holdsAny(update, misplaced) ? [at] : []))
  if (suspects.length === 0) return []
  const arrived = documentOf([...snapshot, ...tail])
  const usual = rootsOf(arrived)
  const differs = (document: Y.Doc): boolean => !equal([...rootsOf(document)], [...usual])
  /** Whether it matters when these came. What builds on something that is still to come waits for it. */
  const dependsOnTime = (places: readonly number[]): boolean => {
    const [moved, others] = [true, false].map((is) => tail.filter((_, at) => places.includes(at) === is))
    return [
      [moved, others],
      [others, moved],
    ].some((order) => differs(documentOf([...snapshot, ...order.flatMap((updates) => updates ?? [])])))
  }
  const isOtherToNewcomers = differs(documentOf([Y.encodeStateAsUpdate(arrived)]))
  if (!isOtherToNewcomers && !dependsOnTime(suspects)) return []
  const alone = suspects.length > MAX_TRIED_ALONE ? [] : suspects.filter((at) => dependsOnTime([at]))
  return alone.length > 0 ? alone : suspects
}

/** Each update as somebody got it who was there. What is deleted is collected, as it is there: what stood in it goes, too. */
function documentOf(updates: readonly Uint8Array[]): Y.Doc {
  const document = new Y.Doc()
  for (const update of updates) Y.applyUpdate(document, update)
  return document
}

function holdsAny(update: Uint8Array, ids: readonly Y.ID[]): boolean {
  const shape = new UpdateShape()
  walkUpdate(update, shape)
  return ids.some(({ client, clock }) => {
    const block = shape.findBlock(client)
    return block !== -1 && (shape.blocks[block * 3 + 1] ?? 0) <= clock && clock < (shape.blocks[block * 3 + 2] ?? 0)
  })
}
