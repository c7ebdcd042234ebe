/**
 * A document's snapshot: its content up to a seq in a few updates, and what they cover. Derived; the log is the truth.
 *
 * A damaged one is as good as none: the log holds all of it, and the next fold puts another in its place.
 *
 * Of a large document it has hundreds of parts. They are read and written one a turn, so that no commit waits for more
 * than one: new parts are written beside the old ones, one row then says which of them count, and the old ones go.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { promisify } from 'node:util'
import { brotliCompress, brotliDecompressSync, constants } from 'node:zlib'
import type { NewSnapshot } from '../ports/store.ts'
import { inOwnBuffer } from './bytes.ts'
import { checksumOf } from './checksum.ts'
import { damaged } from './damage.ts'
import { asStorageError, type SqliteDatabase } from './database.ts'
import type { Documents } from './documents.ts'

/** A third of the size for a millisecond more per 300 kB, when it is read. */
const BROTLI_QUALITY = 4

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

interface ChunkRow {
  readonly payload: Uint8Array
  readonly checksum: number
}

export class Snapshots {
  readonly #database: SqliteDatabase
  readonly #statements: ReturnType<typeof prepare>
  readonly #documents: Documents
  /** Documents whose snapshot was found damaged: read as though it had none, until it has another. */
  readonly #damaged = new Set<number>()

  constructor(database: SqliteDatabase, documents: Documents) {
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
      for (const payload of payloads) {
        if (payload.length < BYTES_A_TURN) continue
        await nextTurn()
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
    for (const payload of this.#payloads(document, row)) yield inOwnBuffer(brotliDecompressSync(payload))
  }

  /** The same with the seq they hold everything up to, read while commits go on; seq 0 and none when one is damaged. */
  async read(document: number): Promise<{ readonly seq: number; readonly chunks: Uint8Array[] }> {
    for (;;) {
      const seq = this.seqOf(document)
      const chunks: Uint8Array[] = []
      try {
        const reading = this.chunks(document)
        // A newer snapshot may take this one's place meanwhile.
        while (this.seqOf(document) === seq) {
          const { done, value } = reading.next()
          if (done === true) return { seq, chunks }
          chunks.push(value)
          if (value.length >= BYTES_A_TURN) await nextTurn()
        }
      } catch (thrown) {
        this.#passOver(document, thrown)
      }
    }
  }

  /**
   * Replaces the snapshot by a newer one, while commits go on; an older one changes nothing. Not to be called for a
   * document that is being saved.
   */
  async save(document: number, { seq, chunks, coverage, title }: NewSnapshot): Promise<void> {
    if (this.seqOf(document) >= seq) return
    // A save that was interrupted may have left parts.
    await this.#removeOthers(document)
    const { first: oldFirst = 0, chunks: oldChunks = 0 } = this.#statements.row.get(document) ?? {}
    const first = oldFirst + oldChunks
    let bytes = 0
    for (const [index, chunk] of chunks.entries()) {
      bytes += chunk.length
      const payload = await compress(chunk)
      if (index > 0) await nextTurn()
      const checksum = checksumOf(chunkPlace(document, seq, index), payload)
      this.#statements.insertChunk.run(document, first + index, payload, checksum)
    }
    this.#database.transaction(() => {
      const checksum = checksumOf(headerPlace(document, seq, chunks.length), coverage)
      this.#statements.replace.run(document, seq, first, chunks.length, bytes, coverage, checksum)
      this.#documents.setTitle(document, title ?? '')
    })()
    this.#damaged.delete(document)
    await this.#removeOthers(document)
  }

  /** Removes parts that belong to no snapshot. */
  async #removeOthers(document: number): Promise<void> {
    const { first = 0, chunks = 0 } = this.#statements.row.get(document) ?? {}
    while (this.#statements.removeOther.run(document, document, first, first + chunks).changes > 0) await nextTurn()
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

/** Most documents are smaller than this, and read at one go. */
const BYTES_A_TURN = 64 * 1024

const compressInBackground = promisify(brotliCompress)

/** On one of the process's threads for such work, as it takes a few milliseconds. */
function compress(chunk: Uint8Array): Promise<Buffer> {
  return compressInBackground(chunk, {
    // In one go, not in steps of 16 KiB.
    chunkSize: Math.max(constants.Z_MIN_CHUNK, chunk.length),
    params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY, [constants.BROTLI_PARAM_SIZE_HINT]: chunk.length },
  })
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
      `DELETE FROM snapshot_parts WHERE document = ? AND position =
         (SELECT position FROM snapshot_parts WHERE document = ? AND (position < ? OR position >= ?) LIMIT 1)`,
    ),
  }
}
