/**
 * What a room has to know of a large update, without its bytes: a thread that walked it sends this instead.
 *
 * An outline says less than the update's shape: of all that is needed from one client only the last clock, since
 * having a clock means having those before it.
 */
import type { UpdateShape } from './walk.ts'

export interface UpdateOutline {
  /** Triples: client, first clock, end clock. */
  readonly blocks: Float64Array
  /** Pairs: client, clock. Each client at most once, and nothing that the update brings itself. */
  readonly needs: Float64Array
  /** Triples: client, clock, length. */
  readonly deletes: Float64Array
}

/** The outline of the update that `shape` was walked over. */
export function outlineOf(shape: UpdateShape): UpdateOutline {
  const lastNeeded = new Map<number, number>()
  for (let at = 0; at < shape.needCount * 2; at += 2) {
    const client = shape.needs[at] ?? 0
    const clock = shape.needs[at + 1] ?? 0
    if (clock >= shape.endOf(client) && clock > (lastNeeded.get(client) ?? -1)) lastNeeded.set(client, clock)
  }
  return {
    blocks: Float64Array.from(shape.blocks.slice(0, shape.blockCount * 3)),
    needs: Float64Array.from([...lastNeeded].flat()),
    deletes: Float64Array.from(shape.deletes.slice(0, shape.deleteCount * 3)),
  }
}

/** Makes `shape` that of the outlined update, as far as `Coverage` asks. */
export function readOutline({ blocks, needs, deletes }: UpdateOutline, shape: UpdateShape): void {
  shape.clear()
  for (let at = 0; at < blocks.length; at += 3) {
    shape.addBlock(blocks[at] ?? 0, blocks[at + 1] ?? 0, blocks[at + 2] ?? 0)
  }
  for (let at = 0; at < needs.length; at += 2) shape.addNeed(needs[at] ?? 0, needs[at + 1] ?? 0, 0)
  for (let at = 0; at < deletes.length; at += 3) {
    shape.addDelete(deletes[at] ?? 0, deletes[at + 1] ?? 0, deletes[at + 2] ?? 0)
  }
}
