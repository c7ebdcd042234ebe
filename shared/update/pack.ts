/** Many updates in one byte array: each a varUint length and its bytes. */
import { createEncoder, toUint8Array, writeVarUint8Array } from 'lib0/encoding'
import { asStorageCorrupt } from './corrupt.ts'
import { ByteReader } from './reader.ts'

/** `updates` one after the other. */
export function packUpdates(updates: readonly Uint8Array[]): Uint8Array {
  const encoder = createEncoder()
  for (const update of updates) writeVarUint8Array(encoder, update)
  return toUint8Array(encoder)
}

/** The updates in `packed`, as views on it. Throws `storage-corrupt` when it is cut. */
export function unpackUpdates(packed: Uint8Array): Uint8Array[] {
  const reader = new ByteReader()
  reader.open(packed)
  const updates: Uint8Array[] = []
  try {
    while (!reader.isAtEnd) {
      const length = reader.skipBytes()
      updates.push(packed.subarray(reader.position - length, reader.position))
    }
  } catch (thrown) {
    throw asStorageCorrupt(thrown, 'Packed updates cannot be read')
  }
  return updates
}
