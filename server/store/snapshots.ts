/** A document's snapshot: its content up to a seq in a few updates, and what they cover. Derived; the log is the truth. */
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib'
import type { NewSnapshot } from '../ports/store.ts'
import { inOwnBuffer } from './bytes.ts'
import { checksumOf } from './checksum.ts'
import { damaged } from './damage.ts'
import type { SqliteDatabase } from './database.ts'
import type { Documents } from './documents.ts'

/** A third of the size for a millisecond more per 300 kB, when it is read. */
const BROTLI_QUALITY = 4

export interface SnapshotHeader {
  readonly seq: number
  readonly coverage: Uint8Array
}

interface SnapshotRow extends SnapshotHeader {
  readonly chunks: number
  readonly checksum: number
}

interface ChunkRow {
  readonly position: number
  readonly payload: Uint8Array
  readonly checksum: number
}

export class Snapshots {
  readonly #database: SqliteDatabase
  readonly #statements: ReturnType<typeof prepare>
  readonly #documents: Documents

  constructor(database: SqliteDatabase, documents: Documents) {
    this.#database = database
    this.#statements = prepare(database)
    this.#documents = documents
  }

  /** Where the snapshot stands and what it covers; null when there is none. Throws `storage-corrupt`. */
  header(document: number): SnapshotHeader | null {
    return this.#row(document)
  }

  /** The snapshot's updates, in order; none when there is no snapshot. Throws `storage-corrupt`. */
  chunks(document: number): Uint8Array<ArrayBuffer>[] {
    const row = this.#row(document)
    if (row === null) return []
    const rows = this.#statements.chunks.all(document)
    if (rows.length !== row.chunks)
      throw this.#damage(document, row.seq, `${row.chunks - rows.length} parts are missing`)
    return rows.map(({ position, payload, checksum }) => {
      if (checksumOf(chunkPlace(document, row.seq, position), payload) !== checksum) {
        throw this.#damage(document, row.seq, 'the checksum does not fit')
      }
      return inOwnBuffer(brotliDecompressSync(payload))
    })
  }

  /** Replaces the snapshot by a newer one; an older one changes nothing. */
  save(document: number, { seq, chunks, coverage, title }: NewSnapshot): void {
    const packed = chunks.map((chunk) =>
      brotliCompressSync(chunk, {
        params: {
          [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY,
          [constants.BROTLI_PARAM_SIZE_HINT]: chunk.length,
        },
      }),
    )
    this.#database.transaction(() => {
      if ((this.#statements.row.get(document)?.seq ?? 0) >= seq) return
      const checksum = checksumOf(headerPlace(document, seq, packed.length), coverage)
      this.#statements.remove.run(document)
      this.#statements.insert.run(document, seq, packed.length, coverage, checksum)
      for (const [position, payload] of packed.entries()) {
        const chunkChecksum = checksumOf(chunkPlace(document, seq, position), payload)
        this.#statements.insertChunk.run(document, position, payload, chunkChecksum)
      }
      this.#documents.setTitle(document, title ?? '')
    })()
  }

  #row(document: number): SnapshotRow | null {
    const row = this.#statements.row.get(document)
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

function chunkPlace(document: number, seq: number, position: number): (string | number)[] {
  return ['chunk', document, seq, position]
}

function prepare(database: SqliteDatabase) {
  return {
    row: database.prepare<[number], SnapshotRow>(
      'SELECT seq, chunks, coverage, checksum FROM snapshots WHERE document = ?',
    ),
    chunks: database.prepare<[number], ChunkRow>(
      'SELECT position, payload, checksum FROM snapshot_chunks WHERE document = ? ORDER BY position',
    ),
    remove: database.prepare<[number]>('DELETE FROM snapshots WHERE document = ?'),
    insert: database.prepare<[number, number, number, Uint8Array, number]>(
      'INSERT INTO snapshots (document, seq, chunks, coverage, checksum) VALUES (?, ?, ?, ?, ?)',
    ),
    insertChunk: database.prepare<[number, number, Uint8Array, number]>(
      'INSERT INTO snapshot_chunks (document, position, payload, checksum) VALUES (?, ?, ?, ?)',
    ),
  }
}
