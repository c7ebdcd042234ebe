/** Damage to updates: bits flipped, bytes changed, cut out and put in, pieces of other updates spliced in. */
import { below, pick } from './update-documents.ts'

const MAX_CHANGES = 3
const SPLICE_BYTES = 12

/** One of `originals`, changed in 1 to 3 places. */
export function mutate(random: () => number, originals: readonly Uint8Array[]): Uint8Array {
  const bytes = [...pick(random, originals)]
  for (let changes = 1 + below(random, MAX_CHANGES); changes > 0; changes--) {
    const at = below(random, bytes.length)
    const kind = random()
    if (kind < 0.4) bytes[at] = below(random, 256)
    else if (kind < 0.6) bytes[at] = ((bytes[at] ?? 0) ^ (1 << below(random, 8))) & 255
    else if (kind < 0.7) bytes.splice(at, 1 + below(random, 3))
    else if (kind < 0.8) bytes.splice(at, 0, below(random, 256))
    else if (kind < 0.9) bytes.splice(at, 0, ...pick(random, originals).subarray(0, SPLICE_BYTES))
    else bytes.length = at
  }
  return Uint8Array.from(bytes)
}
