/** How a server would see an update that has Yjs decode it: whatever decodes is fine. */
import * as Y from 'yjs'
import type { UpdateShape } from '../../shared/update/walk.ts'

/** Throws what Yjs throws. */
export function readLoosely(update: Uint8Array, shape: UpdateShape): void {
  const { structs, ds } = Y.decodeUpdate(update)
  shape.clear()
  for (const { id, length } of structs) shape.addBlock(id.client, id.clock, id.clock + length)
  for (const [client, ranges] of ds.clients) {
    for (const { clock, len } of ranges) shape.addDelete(client, clock, len)
  }
}
