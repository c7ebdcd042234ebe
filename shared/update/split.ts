/**
 * Cuts a large update into smaller ones that can be applied one after the other.
 *
 * A large first sync sent this way leaves the wire, the event loop and the receiving page free in between.
 */
import { causalRuns } from './causal.ts'
import { cutText, isText, type StructPlace } from './cut-text.ts'
import { UpdateWriter } from './update-writer.ts'
import { UpdateShape, walkUpdate } from './walk.ts'

/**
 * `update` as updates of at most `maxBytes` each, larger only where a single struct other than text is. Applied in order, none waits
 * for a later one as long as `update` itself would not wait. Throws `malformed-update`.
 */
export function splitUpdate(update: Uint8Array, maxBytes: number): Uint8Array[] {
  if (update.length <= maxBytes) return [update]
  const shape = new UpdateShape()
  walkUpdate(update, shape)
  const structs = locateStructs(update, shape)
  const parts: Uint8Array[] = []
  let writer = new UpdateWriter()

  function finishPartAt(byteLength: number): void {
    if (byteLength <= maxBytes || writer.isEmpty) return
    parts.push(writer.finish())
    writer = new UpdateWriter()
  }

  function addStruct(source: Uint8Array, { client, clock, start, end }: StructPlace): void {
    finishPartAt(writer.maxByteLengthWith(client, end - start))
    writer.source = source
    writer.addStruct(client, clock, start, end)
  }

  causalRuns(shape, (block, clock, endClock) => {
    const client = shape.blocks[block * 3] ?? 0
    let index = structs.nextOfBlock[block] ?? 0
    for (let at = clock; at < endClock; index++) {
      const start = structs.starts[index] ?? 0
      const end = structs.ends[index] ?? 0
      if (end - start > maxBytes && isText(update, start)) {
        for (const { clock: pieceClock, bytes } of cutText(update, { client, clock: at, start, end }, maxBytes)) {
          addStruct(bytes, { client, clock: pieceClock, start: 0, end: bytes.length })
        }
      } else addStruct(update, { client, clock: at, start, end })
      at = structs.endClocks[index] ?? endClock
    }
    structs.nextOfBlock[block] = index
  })
  // Only now every deleted clock is sure to be there.
  for (let at = 0; at < shape.deleteCount * 3; at += 3) {
    const client = shape.deletes[at] ?? 0
    finishPartAt(writer.maxByteLengthWithDelete(client))
    writer.addDelete(client, shape.deletes[at + 1] ?? 0, shape.deletes[at + 2] ?? 0)
  }
  if (!writer.isEmpty) parts.push(writer.finish())
  return parts
}

/** Where each struct lies, in the update's order, and per block the index of its first struct. */
interface StructTable {
  readonly starts: Uint32Array
  readonly ends: Uint32Array
  readonly endClocks: Float64Array
  readonly nextOfBlock: Uint32Array
}

function locateStructs(update: Uint8Array, shape: UpdateShape): StructTable {
  const { reader } = shape
  const starts = new Uint32Array(shape.structs)
  const ends = new Uint32Array(shape.structs)
  const endClocks = new Float64Array(shape.structs)
  const nextOfBlock = new Uint32Array(shape.blockCount)
  let index = 0
  reader.open(update)
  for (let block = 0; reader.nextBlock(); block++) {
    nextOfBlock[block] = index
    for (; reader.nextStruct(); index++) {
      starts[index] = reader.start
      ends[index] = reader.end
      endClocks[index] = reader.endClock
    }
  }
  return { starts, ends, endClocks, nextOfBlock }
}
