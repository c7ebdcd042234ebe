/**
 * A document's snapshot: its content up to a seq in a few updates, and what they cover. Derived; the log is the truth.
 *
 * A damaged one is as good as none: the log holds all of it, and the next fold puts another in its place.
 *
 * Of a large document it has hundreds of parts, each compressed. They are read and written in steps, so that no commit waits
 * for more than one: new parts are written beside the old ones, one row then says which of them count, and the old ones go, those
 * that somebody still reads with the next snapshot after that.
 */
import type { NewSnapshot } from '../ports/store.ts'
import { decompress, type ReceivedParcel } from '../threads/parcel.ts'
import { checksumOf } from './checksum.ts'
import type { Courtesy } from './courtesy.ts'
import { damaged } from './damage.ts'
import { asStorageError, type SqliteDatabase } from './database.ts'
import type { Documents } from './documents.ts'

/** Read or written in a step; most documents are smaller than this, and read at one go. */
const BYTES_A_TURN = 256 * 1024

/** Removed in a step. */
const PARTS_A_TURN = 16

export interface SnapshotHeader {
  readonly seq: number
  /** Of its updates, before compression. */
  readonly bytes: number
  readonly coverage: Uint8Array
}

interface SnapshotRow extends SnapshotHeader {
  /** Where its parts begin, and how many they are. */
  readonly first: number
  readonly chunks: number
  readonly checksum: number
}

/** A snapshot as it was when reading it began, whatever takes its place. */
export interface SnapshotReading {
  readonly seq: number
  /** Of its updates, before compression. */
  readonly bytes: number
  /** Its next update, compressed; null after the last one. Throws `storage-corrupt`. */
  next(): Uint8Array | null
  /** To be called in the end, whatever came of it: until then its parts stay. */
  close(): void
}

/** What a snapshot is read into. */
export interface SnapshotSink {
  /** `update` is compressed. */
  add(update: Uint8Array): void
  /** What was added is not used. */
  discard(): void
}

interface ChunkRow {
  readonly payload: Uint8Array
  readonly checksum: number
}

export class Snapshots {
  readonly #database: SqliteDatabase
  readonly #statements: ReturnType<typeof prepare>
  readonly #documents: Documents
  readonly #courtesy: Courtesy
  /** Documents whose snapshot was found damaged: read as though it had none, until it has another. */
  readonly #damaged = new Set<number>()
  /** What is being read: of which document, and from which part on. */
  readonly #readings = new Set<{ readonly document: number; readonly first: number }>()

  constructor(database: SqliteDatabase, documents: Documents, courtesy: Courtesy) {
    this.#courtesy = courtesy
    this.#database = database
    this.#statements = prepare(database)
    this.#documents = documents
  }

  /** Where the snapshot stands and what it covers; null when there is none. Throws `storage-corrupt`. */
  header(document: number): SnapshotHeader | null {
    return this.#row(document)
  }

  /** Reads all of the snapshot; false when it is damaged, and as good as none from now on. True when there is none. */
  async isSound(document: number): Promise<boolean> {
    try {
      const row = this.#row(document)
      const payloads = row === null ? [] : this.#payloads(document, row)
      let bytes = 0
      for (const payload of payloads) {
        bytes += payload.length
        if (bytes < BYTES_A_TURN) continue
        bytes = 0
        await this.#courtesy.turn()
        // A newer snapshot may have taken this one's place meanwhile.
        if (this.seqOf(document) !== row?.seq) break
      }
    } catch (thrown) {
      this.#passOver(document, thrown)
    }
    return !this.#damaged.has(document)
  }

  /** The seq up to which a snapshot holds everything; 0 when there is none. */
  seqOf(document: number): number {
    return this.#damaged.has(document) ? 0 : (this.#statements.seq.get(document)?.seq ?? 0)
  }

  /** The snapshot's updates, in order; none when there is no snapshot. Throws `storage-corrupt`. */
  *chunks(document: number): Generator<Uint8Array<ArrayBuffer>> {
    const row = this.#row(document)
    if (row === null) return
    for (const payload of this.#payloads(document, row)) yield decompress(payload)
  }

  /** Begins to read the snapshot; null when there is none, or its header is damaged. */
  begin(document: number): SnapshotReading | null {
    let row: SnapshotRow | null
    try {
      row = this.#row(document)
    } catch (thrown) {
      this.#passOver(document, thrown)
      return null
    }
    if (row === null) return null
    const { seq, first, bytes } = row
    const reading = { document, first }
    this.#readings.add(reading)
    const payloads = this.#payloads(document, row)
    return {
      seq,
      bytes,
      next: () => {
        try {
          return payloads.next().value ?? null
        } catch (thrown) {
          // One that has another in its place already is no longer of interest.
          if (this.seqOf(document) === seq) this.#passOver(document, thrown)
          throw thrown
        }
      },
      close: () => void this.#readings.delete(reading),
    }
  }

  /** Reads all of it into what `open` makes, while commits go on. The seq it holds everything up to; 0, and nothing, without a sound one. */
  async read<Sink extends SnapshotSink>(
    document: number,
    open: () => Sink,
  ): Promise<{ readonly seq: number; readonly bytes: number; readonly sink: Sink }> {
    for (;;) {
      const sink = open()
      const reading = this.begin(document)
      if (reading === null) return { seq: 0, bytes: 0, sink }
      try {
        let left = BYTES_A_TURN
        for (let update = reading.next(); update !== null; update = reading.next()) {
          left -= update.length
          sink.add(update)
          if (left > 0) continue
          await this.#courtesy.turn()
          left = BYTES_A_TURN
        }
        return { seq: reading.seq, bytes: reading.bytes, sink }
      } catch (thrown) {
        sink.discard()
        // From the log then, or from a snapshot that came meanwhile.
        if (asStorageError(thrown, 'The snapshot was not read').code !== 'storage-corrupt') throw thrown
      } finally {
        reading.close()
      }
    }
  }

  /**
   * Replaces the snapshot by a newer one, while commits go on; an older one changes nothing. Not to be called for a
   * document that is being saved.
   */
  async save(document: number, { seq, chunks, coverage, title }: NewSnapshot<ReceivedParcel>): Promise<void> {
    if (this.seqOf(document) >= seq) return
    // A save that was interrupted may have left parts.
    await this.#removeOthers(document)
    const { first: oldFirst = 0, chunks: oldChunks = 0 } = this.#statements.row.get(document) ?? {}
    const first = oldFirst + oldChunks
    const { pieces, bytes } = chunks
    let index = 0
    for await (const payloads of this.#batches(chunks)) {
      this.#database.transaction(() => {
        for (const payload of payloads) {
          const checksum = checksumOf(chunkPlace(document, seq, index), payload)
          this.#statements.insertChunk.run(document, first + index++, payload, checksum)
        }
      })()
    }
    this.#database.transaction(() => {
      const checksum = checksumOf(headerPlace(document, seq, pieces), coverage)
      this.#statements.replace.run(document, seq, first, pieces, bytes, coverage, checksum)
      this.#documents.setTitle(document, title ?? '')
    })()
    this.#damaged.delete(document)
    await this.#removeOthers(document)
  }

  /** The parts of a snapshot, as many at a time as are written in a step. */
  async *#batches(chunks: ReceivedParcel): AsyncGenerator<readonly Uint8Array[]> {
    let batch: Uint8Array[] = []
    let bytes = 0
    for (const payload of chunks.compressed()) {
      batch.push(payload)
      bytes += payload.length
      if (bytes < BYTES_A_TURN) continue
      yield batch
      batch = []
      bytes = 0
      await this.#courtesy.turn()
    }
    if (batch.length > 0) yield batch
  }

  /** Removes parts that belong to no snapshot and are not being read. */
  async #removeOthers(document: number): Promise<void> {
    for (;;) {
      const { first = 0, chunks = 0 } = this.#statements.row.get(document) ?? {}
      // Older parts have smaller numbers.
      let from = first
      for (const reading of this.#readings) if (reading.document === document) from = Math.min(from, reading.first)
      const { changes } = this.#statements.removeOther.run(document, document, from, first + chunks)
      if (changes < PARTS_A_TURN) return
      await this.#courtesy.turn()
    }
  }

  /** Its parts go when the next one is saved. */
  forget(document: number): void {
    this.#statements.forget.run(document)
    this.#damaged.delete(document)
  }

  /** The parts as they are stored, in order. Throws `storage-corrupt`. */
  *#payloads(document: number, { seq, first, chunks }: SnapshotRow): Generator<Uint8Array> {
    for (let index = 0; index < chunks; index++) {
      const chunk = this.#statements.chunk.get(document, first + index)
      if (chunk === undefined) throw this.#damage(document, seq, `part ${index + 1} of ${chunks} is missing`)
      if (checksumOf(chunkPlace(document, seq, index), chunk.payload) !== chunk.checksum) {
        throw this.#damage(document, seq, 'the checksum does not fit')
      }
      yield chunk.payload
    }
  }

  /** Remembers that the snapshot is damaged. Throws what is thrown for any other reason. */
  #passOver(document: number, thrown: unknown): void {
    if (asStorageError(thrown, 'The snapshot was not read').code !== 'storage-corrupt') throw thrown
    this.#damaged.add(document)
  }

  #row(document: number): SnapshotRow | null {
    const row = this.#damaged.has(document) ? undefined : this.#statements.row.get(document)
    if (row === undefined) return null
    if (checksumOf(headerPlace(document, row.seq, row.chunks), row.coverage) === row.checksum) return row
    throw this.#damage(document, row.seq, 'the checksum does not fit')
  }

  #damage(document: number, seq: number, problem: string): Error {
    return damaged(this.#documents.describe(document), `snapshot of seqs 1–${seq}`, problem)
  }
}

function headerPlace(document: number, seq: number, chunks: number): (string | number)[] {
  return ['snapshot', document, seq, chunks]
}

function chunkPlace(document: number, seq: number, index: number): (string | number)[] {
  return ['chunk', document, seq, index]
}

function prepare(database: SqliteDatabase) {
  return {
    row: database.prepare<[number], SnapshotRow>(
      'SELECT seq, first_part AS first, chunks, bytes, coverage, checksum FROM snapshots WHERE document = ?',
    ),
    seq: database.prepare<[number], { seq: number }>('SELECT seq FROM snapshots WHERE document = ?'),
    chunk: database.prepare<[number, number], ChunkRow>(
      'SELECT payload, checksum FROM snapshot_parts WHERE document = ? AND position = ?',
    ),
    replace: database.prepare<[number, number, number, number, number, Uint8Array, number]>(
      `REPLACE INTO snapshots (document, seq, first_part, chunks, bytes, coverage, checksum)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
    ),
    forget: database.prepare<[number]>('DELETE FROM snapshots WHERE document = ?'),
    insertChunk: database.prepare<[number, number, Uint8Array, number]>(
      'INSERT INTO snapshot_parts (document, position, payload, checksum) VALUES (?, ?, ?, ?)',
    ),
    removeOther: database.prepare<[number, number, number, number]>(
      `DELETE FROM snapshot_parts WHERE document = ? AND position IN
         (SELECT position FROM snapshot_parts WHERE document = ? AND (position < ? OR position >= ?) LIMIT ${PARTS_A_TURN})`,
    ),
  }
}
