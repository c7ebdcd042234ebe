/** A document's content, its snapshot and the log after it: read at once, sent to another thread, or gone through. */
import type { Seq } from '../../shared/ids.ts'
import type { ContentReading, SentContent, StoredContent } from '../ports/store.ts'
import { decompress, ParcelWriter, sendPieces } from '../threads/parcel.ts'
import type { Posted } from './engine-calls.ts'
import { headOf, packedPieces, packedUpdates, type Scope } from './served.ts'
import type { SnapshotReading } from './snapshots.ts'
import type { Storage } from './storage.ts'

/** About as much of a snapshot is read at a time for one who goes through it: a millisecond's work. */
const PAGE_BYTES = 256 * 1024

export async function readContent(storage: Storage, handle: number, scope?: Scope): Promise<StoredContent> {
  const { seq: snapshotSeq, sink } = await storage.snapshots.read(handle, () => new UpdateList())
  const seq = headOf(storage, handle, scope)
  const tail = await packedUpdates(storage, handle, { fromSeq: snapshotSeq + 1, toSeq: seq })
  return { seq, snapshot: sink.updates, tail }
}

export async function sendContent(storage: Storage, handle: number, scope?: Scope): Promise<Posted<SentContent>> {
  const { seq: snapshotSeq, bytes, sink } = await storage.snapshots.read(handle, () => new ParcelWriter())
  try {
    const seq = headOf(storage, handle, scope)
    const tail = await sendPieces(packedPieces(storage, handle, { fromSeq: snapshotSeq + 1, toSeq: seq }))
    return { seq, snapshotSeq: snapshotSeq as Seq, snapshot: sink.finishCompressed(bytes), tail }
  } catch (thrown) {
    sink.discard()
    throw thrown
  }
}

/** Snapshots that somebody goes through, by number. */
export class Readings {
  readonly #open = new Map<number, SnapshotReading>()
  #last = 0

  /** What `Store.read` promises, with the number of the snapshot's reading. */
  async begin(
    storage: Storage,
    handle: number,
  ): Promise<Omit<ContentReading, 'snapshot'> & { readonly reading: number }> {
    const snapshot = storage.snapshots.begin(handle)
    try {
      const seq = headOf(storage, handle)
      const tail = await packedUpdates(storage, handle, { fromSeq: (snapshot?.seq ?? 0) + 1, toSeq: seq })
      const reading = ++this.#last
      if (snapshot !== null) this.#open.set(reading, snapshot)
      return { reading, seq, tail }
    } catch (thrown) {
      snapshot?.close()
      throw thrown
    }
  }

  /** The next updates; none after the last. Throws `storage-corrupt`. */
  async next({ courtesy }: Storage, reading: number): Promise<readonly Uint8Array[]> {
    await courtesy.turn()
    const snapshot = this.#open.get(reading)
    const updates: Uint8Array[] = []
    for (let bytes = 0; bytes < PAGE_BYTES;) {
      const compressed = snapshot?.next() ?? null
      if (compressed === null) break
      const update = decompress(compressed)
      updates.push(update)
      bytes += update.length
    }
    return updates
  }

  end(reading: number): void {
    this.#open.get(reading)?.close()
    this.#open.delete(reading)
  }
}

/** Updates one after the other. */
class UpdateList {
  readonly updates: Uint8Array[] = []

  add(update: Uint8Array): void {
    this.updates.push(decompress(update))
  }

  discard(): void {
    this.updates.length = 0
  }
}
