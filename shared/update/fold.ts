/**
 * Folds many updates into few, by their bytes: half a µs a struct, where `Y.mergeUpdates` needs 45 µs an update.
 *
 * Content is never decoded, so structs stay as they are: a thousand keystrokes fold into one update of a thousand
 * structs.
 */
import { SyncError } from '../errors.ts'
import { UpdateReader } from './update-reader.ts'
import { UpdateWriter } from './update-writer.ts'

/**
 * `updates`, a causal sequence without gaps, as the fewest updates that do the same, applied in order, to a document
 * with `stateVector` (null: whatever precedes the first of them). Structs the document has are left out. Normally one update; a further
 * one where a struct overlaps what went before, since Yjs skips what it knows at the start of a client's structs
 * only. Empty when nothing is left. Throws `malformed-update`, or `storage-corrupt` when the sequence has a gap.
 */
export function foldUpdates(
  updates: readonly Uint8Array[],
  stateVector: ReadonlyMap<number, number> | null,
): Uint8Array[] {
  const fold = new Fold(stateVector)
  for (const update of updates) fold.add(update)
  return fold.finish()
}

class Fold {
  readonly #stateVector: ReadonlyMap<number, number> | null
  /** Per client the clock after its last struct taken. */
  readonly #clocks = new Map<number, number>()
  readonly #reader = new UpdateReader()
  readonly #finished: Uint8Array[] = []
  #writer = new UpdateWriter()
  /** The present update's structs that are left, five numbers each: client, clock, end clock, start, end. */
  readonly #structs: number[] = []

  constructor(stateVector: ReadonlyMap<number, number> | null) {
    this.#stateVector = stateVector
  }

  add(update: Uint8Array): void {
    // An update's blocks may build on each other in any order, so it goes as a whole into one update or the next.
    if (this.#readStructs(update)) this.#finishUpdate()
    this.#writer.source = update
    const structs = this.#structs
    for (let at = 0; at < structs.length; at += 5) {
      const client = structs[at] ?? 0
      this.#writer.addStruct(client, structs[at + 1] ?? 0, structs[at + 3] ?? 0, structs[at + 4] ?? 0)
      this.#clocks.set(client, structs[at + 2] ?? 0)
    }
    this.#reader.readDeletes(this.#writer)
  }

  finish(): Uint8Array[] {
    this.#finishUpdate()
    return this.#finished
  }

  /** Leaves in `#structs` what is new in `update`; true when that cannot continue the update being written. */
  #readStructs(update: Uint8Array): boolean {
    const reader = this.#reader
    this.#structs.length = 0
    let overlaps = false
    reader.open(update)
    while (reader.nextBlock()) {
      const { client } = reader
      const known = this.#clocks.get(client) ?? this.#baseOf(client)
      if (reader.clock > known) {
        throw new SyncError('storage-corrupt', `Clocks ${known} to ${reader.clock} of client ${client} are missing.`)
      }
      while (reader.nextStruct()) {
        if (reader.endClock <= known) continue
        if (reader.clock < known && this.#writer.hasStructsOf(client)) overlaps = true
        this.#structs.push(client, reader.clock, reader.endClock, reader.start, reader.end)
      }
    }
    return overlaps
  }

  /** How much of the present block's client the document has before the first update. */
  #baseOf(client: number): number {
    return this.#stateVector === null ? this.#reader.clock : (this.#stateVector.get(client) ?? 0)
  }

  #finishUpdate(): void {
    if (this.#writer.isEmpty) return
    this.#finished.push(this.#writer.finish())
    this.#writer = new UpdateWriter()
  }
}
