/** State vectors in Yjs' encoding: how many clocks of each client somebody has. */
import { createEncoder, toUint8Array, writeVarUint, type Encoder } from 'lib0/encoding'
import { MAX_CLOCK } from './limits.ts'
import { ByteReader } from './reader.ts'

/**
 * The state vector in `bytes`, client to clock. Throws `malformed-update` when it has more than `maxEntries`
 * entries, names a client twice, or has bytes left over.
 */
export function decodeStateVector(bytes: Uint8Array, maxEntries: number): Map<number, number> {
  const reader = new ByteReader()
  reader.open(bytes)
  const stateVector = readStateVector(reader, maxEntries)
  if (!reader.isAtEnd) reader.fail('has bytes after its state vector')
  return stateVector
}

/** Reads a state vector where `reader` stands; see `decodeStateVector`. */
export function readStateVector(reader: ByteReader, maxEntries: number): Map<number, number> {
  const count = reader.varUint()
  if (count > maxEntries) reader.fail(`names ${count} clients in a state vector; the limit is ${maxEntries}`)
  const stateVector = new Map<number, number>()
  for (let i = 0; i < count; i++) {
    const client = reader.varUint()
    const clock = reader.varUint()
    if (clock > MAX_CLOCK) reader.fail(`holds clock ${clock}; the limit is ${MAX_CLOCK}`)
    if (stateVector.has(client)) reader.fail(`names client ${client} twice in a state vector`)
    stateVector.set(client, clock)
  }
  return stateVector
}

export function encodeStateVector(stateVector: ReadonlyMap<number, number>): Uint8Array {
  const encoder = createEncoder()
  writeStateVector(encoder, stateVector)
  return toUint8Array(encoder)
}

/** Writes as Yjs does, higher client ids first, so that equal vectors are equal bytes. */
export function writeStateVector(encoder: Encoder, stateVector: ReadonlyMap<number, number>): void {
  writeVarUint(encoder, stateVector.size)
  for (const [client, clock] of [...stateVector].sort((a, b) => b[0] - a[0])) {
    writeVarUint(encoder, client)
    writeVarUint(encoder, clock)
  }
}
