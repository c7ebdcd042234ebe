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
 * with `stateVector`; null: to the document that the first of them was made for. Structs the document is known to
 * have are left out. Normally one update; a further one where a client's structs do not just go on, since Yjs skips
 * what it knows at the start of a client's structs only. Empty when nothing is left.
 * Throws `malformed-update`, or `storage-corrupt` when the sequence has a gap.
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
    let isBreak = false
    reader.open(update)
    while (reader.nextBlock()) {
      const { client } = reader
      const taken = this.#clocks.get(client) ?? this.#stateVector?.get(client) ?? 0
      const known = Math.max(taken, this.#presumedClock(taken))
      while (reader.nextStruct()) {
        if (reader.endClock <= known) continue
        if (this.#writer.hasStructsOf(client) && (reader.clock < known || known > taken)) isBreak = true
        this.#structs.push(client, reader.clock, reader.endClock, reader.start, reader.end)
      }
    }
    return isBreak
  }

  /** How much of the block's client the document has to have; more than was taken when its state is not known. */
  #presumedClock(taken: number): number {
    const { client, clock } = this.#reader
    if (clock > taken && this.#stateVector !== null) {
      throw new SyncError('storage-corrupt', `Clocks ${taken} to ${clock} of client ${client} are missing.`)
    }
    return clock
  }

  #finishUpdate(): void {
    if (this.#writer.isEmpty) return
    this.#finished.push(this.#writer.finish())
    this.#writer = new UpdateWriter()
  }
}
