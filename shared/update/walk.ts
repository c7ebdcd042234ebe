/**
 * What an update adds, deletes and refers to, read from its bytes.
 *
 * This is all the server's main thread ever learns about an update. It knows nothing of what came before; that is
 * `Coverage`.
 */
import { causalRuns } from './causal.ts'
import { NO_CLIENT, UpdateReader } from './update-reader.ts'

/**
 * The shape of the update walked last. Meant to be reused: arrays grow to the largest update seen and only their
 * counted part is valid.
 */
export class UpdateShape {
  /** Triples: client, first clock, end clock (not included). */
  readonly blocks: number[] = []
  /** How many triples `blocks` holds. */
  blockCount = 0
  /** Pairs: client, clock. What structs refer to that their own block does not imply, other blocks included. */
  readonly needs: number[] = []
  /** How many pairs `needs` holds. */
  needCount = 0
  /** Per need the clock of the struct that has it. */
  readonly needClocks: number[] = []
  /** Per block how many needs it and the blocks before it have. */
  readonly needEnds: number[] = []
  /** Triples: client, clock, length. */
  readonly deletes: number[] = []
  /** How many triples `deletes` holds. */
  deleteCount = 0
  /** How many structs the update has. */
  structs = 0
  /** How many bytes of the update come before its deletes. */
  structBytes = 0

  /** Holds no update's data, only the means to read one without allocating. */
  readonly reader = new UpdateReader()
  #isDescending = true
  readonly #blockByClient = new Map<number, number>()

  clear(): void {
    this.blockCount = this.needCount = this.deleteCount = this.structs = this.structBytes = 0
    this.#isDescending = true
    if (this.#blockByClient.size > 0) this.#blockByClient.clear()
  }

  addBlock(client: number, clock: number, endClock: number): void {
    const at = this.blockCount * 3
    if (at > 0 && client > (this.blocks[at - 3] ?? 0)) this.#isDescending = false
    this.blocks[at] = client
    this.blocks[at + 1] = clock
    this.blocks[at + 2] = endClock
    this.needEnds[this.blockCount] = this.needCount
    this.blockCount++
  }

  addNeed(client: number, clock: number, byClock: number): void {
    this.needs[this.needCount * 2] = client
    this.needs[this.needCount * 2 + 1] = clock
    this.needClocks[this.needCount] = byClock
    this.needCount++
  }

  addDelete(client: number, clock: number, length: number): void {
    const at = this.deleteCount * 3
    this.deletes[at] = client
    this.deletes[at + 1] = clock
    this.deletes[at + 2] = length
    this.deleteCount++
  }

  /** Index of the client's block, or -1. */
  findBlock(client: number): number {
    return this.#isDescending ? this.#searchBlock(client) : this.#lookUpBlock(client)
  }

  /** The clock after the client's last struct in this update; 0 when it has none. */
  endOf(client: number): number {
    const block = this.findBlock(client)
    return block === -1 ? 0 : (this.blocks[block * 3 + 2] ?? 0)
  }

  #searchBlock(client: number): number {
    let low = 0
    let high = this.blockCount - 1
    while (low <= high) {
      const middle = (low + high) >>> 1
      const found = this.blocks[middle * 3] ?? 0
      if (found === client) return middle
      if (found > client) low = middle + 1
      else high = middle - 1
    }
    return -1
  }

  /** Yjs writes higher clients first; whoever does not gets the same answers, slower. */
  #lookUpBlock(client: number): number {
    if (this.#blockByClient.size === 0) {
      for (let block = 0; block < this.blockCount; block++) this.#blockByClient.set(this.blocks[block * 3] ?? 0, block)
    }
    return this.#blockByClient.get(client) ?? -1
  }
}

/**
 * Reads `update` into `shape`. Throws `malformed-update` on anything that is not strictly a V1 update which can be
 * applied once its needs are met; `shape` is then undefined.
 */
export function walkUpdate(update: Uint8Array, shape: UpdateShape): void {
  const { reader } = shape
  shape.clear()
  reader.open(update)
  while (reader.nextBlock()) {
    const firstClock = reader.clock
    const firstNeed = shape.needCount
    while (reader.nextStruct()) {
      shape.structs++
      if (reader.originClient !== NO_CLIENT) need(shape, firstNeed, reader.originClient, reader.originClock)
      if (reader.rightOriginClient !== NO_CLIENT) {
        need(shape, firstNeed, reader.rightOriginClient, reader.rightOriginClock)
      }
      if (reader.parentClient !== NO_CLIENT) need(shape, firstNeed, reader.parentClient, reader.parentClock)
    }
    shape.addBlock(reader.client, firstClock, reader.endClock)
  }
  shape.structBytes = reader.end
  reader.readDeletes(shape)
  // Blocks that wait for each other would wait in every replica for ever.
  if (shape.blockCount > 1 && shape.needCount > 0) causalRuns(shape, ignoreRun)
}

function need(shape: UpdateShape, firstNeed: number, client: number, clock: number): void {
  const { reader } = shape
  // Its own earlier clocks come first by the order of the block.
  if (client === reader.client) return
  const last = shape.needCount - 1
  // Runs of text refer to the same neighbour again and again; having a clock means having those before it.
  if (last >= firstNeed && shape.needs[last * 2] === client && (shape.needs[last * 2 + 1] ?? 0) >= clock) return
  shape.addNeed(client, clock, reader.clock)
}

function ignoreRun(): void {}
