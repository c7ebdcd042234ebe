/**
 * What a log covers: per client how many clocks it holds, and which of them are deleted.
 *
 * With it a room tells a new update from a known one and from one that cannot be applied yet, at a cost that does
 * not grow with the document. It knows clocks, never content.
 */
import { createEncoder, toUint8Array, writeUint8Array, writeVarUint } from 'lib0/encoding'
import { ClientClocks } from './client-clocks.ts'
import { asStorageCorrupt } from './corrupt.ts'
import { DeleteSet } from './delete-set.ts'
import { ByteReader } from './reader.ts'
import { readStateVector } from './state-vector.ts'
import { readDeleteSet } from './update-reader.ts'
import type { UpdateShape } from './walk.ts'

/**
 * How an update stands to a log. `known`: it holds no struct and no delete that the log lacks. `new`: it does, and
 * can be applied after the log. `gap`: it builds on, or deletes, what neither the log nor the update itself holds.
 */
export type Relation = 'known' | 'new' | 'gap'

export class Coverage {
  readonly #clocks: ClientClocks
  readonly #deleted: DeleteSet
  /** For the many who come back at once; null when it is not known or no longer right. */
  #encodedDeletes: Uint8Array | null = null

  private constructor(stateVector: Map<number, number>, deleted: DeleteSet) {
    this.#clocks = new ClientClocks(stateVector)
    this.#deleted = deleted
  }

  static empty(): Coverage {
    return new Coverage(new Map(), new DeleteSet())
  }

  /** What `encode` or `Y.encodeSnapshot` wrote. Throws `storage-corrupt`. */
  static decode(bytes: Uint8Array): Coverage {
    const reader = new ByteReader()
    reader.open(bytes)
    const deleted = new DeleteSet()
    try {
      readDeleteSet(reader, deleted)
      const stateVector = readStateVector(reader, Number.POSITIVE_INFINITY)
      if (!reader.isAtEnd) reader.fail('has bytes after its state vector')
      return new Coverage(stateVector, deleted)
    } catch (thrown) {
      throw asStorageCorrupt(thrown, 'A stored coverage cannot be read')
    }
  }

  /** Byte for byte what `Y.encodeSnapshot` writes: the delete set, then the state vector. */
  encode(): Uint8Array {
    const encoder = createEncoder()
    this.#deleted.write(encoder)
    writeUint8Array(encoder, this.#clocks.stateVector())
    return toUint8Array(encoder)
  }

  /** The state vector alone, as Yjs writes it. The bytes stay the coverage's own. */
  encodeStateVector(): Uint8Array {
    return this.#clocks.stateVector()
  }

  /** Whether a peer whose encoded state vector is `bytes` has what it was told last, and nothing came since. */
  isLatestStateVector(bytes: Uint8Array): boolean {
    return this.#clocks.isLatestStateVector(bytes)
  }

  /** Whether a peer with `stateVector` has every struct; it may still lack deletes. */
  isWithin(stateVector: ReadonlyMap<number, number>): boolean {
    for (const [client, clock] of this.#clocks) if ((stateVector.get(client) ?? 0) < clock) return false
    return true
  }

  /** All deletes as an update without structs; null when nothing is deleted. The bytes stay the coverage's own. */
  encodeDeletes(): Uint8Array | null {
    if (this.#deleted.isEmpty) return null
    if (this.#encodedDeletes === null) {
      const encoder = createEncoder()
      writeVarUint(encoder, 0)
      this.#deleted.write(encoder)
      this.#encodedDeletes = toUint8Array(encoder)
    }
    return this.#encodedDeletes
  }

  /** How many clocks of `client` are covered: the first one that is not. */
  clockOf(client: number): number {
    return this.#clocks.of(client)
  }

  relation(shape: UpdateShape): Relation {
    const { blocks, needs, deletes } = shape
    let isNew = false
    for (let at = 0, end = shape.blockCount * 3; at < end; at += 3) {
      const known = this.clockOf(blocks[at] ?? 0)
      if ((blocks[at + 1] ?? 0) > known) return 'gap'
      if ((blocks[at + 2] ?? 0) > known) isNew = true
    }
    for (let at = 0, end = shape.deleteCount * 3; at < end; at += 3) {
      const client = deletes[at] ?? 0
      const clock = deletes[at + 1] ?? 0
      const length = deletes[at + 2] ?? 0
      if (!this.#has(client, clock + length - 1, shape)) return 'gap'
      if (!isNew && !this.#deleted.covers(client, clock, length)) isNew = true
    }
    if (!isNew) return 'known'
    for (let at = 0, end = shape.needCount * 2; at < end; at += 2) {
      if (!this.#has(needs[at] ?? 0, needs[at + 1] ?? 0, shape)) return 'gap'
    }
    return 'new'
  }

  /** Whether an update whose relation is `new` deletes at least as many clocks as it adds. */
  isShrunkBy(shape: UpdateShape): boolean {
    const { blocks, deletes } = shape
    let added = 0
    for (let at = 0, end = shape.blockCount * 3; at < end; at += 3) {
      added += Math.max(0, (blocks[at + 2] ?? 0) - this.clockOf(blocks[at] ?? 0))
    }
    for (let at = 0, end = shape.deleteCount * 3; at < end; at += 3) {
      const client = deletes[at] ?? 0
      const length = deletes[at + 2] ?? 0
      if (!this.#deleted.covers(client, deletes[at + 1] ?? 0, length)) added -= length
    }
    return added <= 0
  }

  /** Takes in an update whose relation is `new`. */
  add(shape: UpdateShape): void {
    const { blocks, deletes } = shape
    for (let at = 0, end = shape.blockCount * 3; at < end; at += 3) {
      const client = blocks[at] ?? 0
      const endClock = blocks[at + 2] ?? 0
      if (endClock > this.clockOf(client)) this.#clocks.set(client, endClock)
    }
    if (shape.deleteCount > 0) this.#encodedDeletes = null
    for (let at = 0, end = shape.deleteCount * 3; at < end; at += 3) {
      this.#deleted.addDelete(deletes[at] ?? 0, deletes[at + 1] ?? 0, deletes[at + 2] ?? 0)
    }
  }

  /** Whether the log or the update holds `clock`; no block of the update starts after what the log holds. */
  #has(client: number, clock: number, shape: UpdateShape): boolean {
    return clock < this.clockOf(client) || clock < shape.endOf(client)
  }
}
