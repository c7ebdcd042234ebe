/** State vectors in Yjs' encoding: how many clocks of each client somebody has. */
import { MAX_CLOCK } from './limits.ts'
import { ByteReader } from './reader.ts'

/** Two numbers of eight groups of seven bits. */
const MAX_ENTRY_BYTES = 16

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

/**
 * Throws `malformed-update` when `bytes` cannot be a state vector of at most `maxEntries`, as its first bytes and its length
 * tell; the rest of it is not looked at.
 */
export function checkStateVectorSize(bytes: Uint8Array, maxEntries: number): void {
  const reader = new ByteReader()
  reader.open(bytes)
  const count = readCount(reader, maxEntries)
  if (bytes.length - reader.position > count * MAX_ENTRY_BYTES) reader.fail('has bytes after its state vector')
}

/** Reads a state vector where `reader` stands; see `decodeStateVector`. */
export function readStateVector(reader: ByteReader, maxEntries: number): Map<number, number> {
  const count = readCount(reader, maxEntries)
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

/**
 * The clock that `bytes` has for `client`, 0 when it names it not; reads no further than that and keeps nothing.
 * Throws `malformed-update`.
 */
export function clockIn(bytes: Uint8Array, client: number): number {
  const reader = new ByteReader()
  reader.open(bytes)
  for (let left = reader.varUint(); left > 0; left--) {
    const isFound = reader.varUint() === client
    const clock = reader.varUint()
    if (isFound) return clock
  }
  return 0
}

function readCount(reader: ByteReader, maxEntries: number): number {
  const count = reader.varUint()
  if (count > maxEntries) reader.fail(`names ${count} clients in a state vector; the limit is ${maxEntries}`)
  return count
}
