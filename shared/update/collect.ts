/**
 * What is left of an update that is dropped: its clocks, so that what builds on them can be applied, and its deletes.
 *
 * Its own clocks are deleted as well, so that a client that has the update lets go of what it holds.
 */
import { createEncoder, toUint8Array, writeVarUint } from 'lib0/encoding'
import { DeleteSet } from './delete-set.ts'
import { UpdateShape, walkUpdate } from './walk.ts'

/** `update` with collected structs in place of its own. Throws `malformed-update`. */
export function collectUpdate(update: Uint8Array): Uint8Array {
  const shape = new UpdateShape()
  walkUpdate(update, shape)
  const { blocks, deletes } = shape
  const deleted = new DeleteSet()
  const encoder = createEncoder()
  writeVarUint(encoder, shape.blockCount)
  for (let at = 0; at < shape.blockCount * 3; at += 3) {
    const client = blocks[at] ?? 0
    const clock = blocks[at + 1] ?? 0
    const length = (blocks[at + 2] ?? 0) - clock
    // One struct of the kind 0, a range that was collected.
    for (const number of [1, client, clock, 0, length]) writeVarUint(encoder, number)
    deleted.addDelete(client, clock, length)
  }
  for (let at = 0; at < shape.deleteCount * 3; at += 3) {
    deleted.addDelete(deletes[at] ?? 0, deletes[at + 1] ?? 0, deletes[at + 2] ?? 0)
  }
  deleted.write(encoder)
  return toUint8Array(encoder)
}
