/**
 * The documents' rows: names, ids, and what the segments hold of each.
 *
 * A document that was only opened has an id in memory and no row; its first commit inserts the row.
 */
import { SyncError } from '../../shared/errors.ts'
import type { DocumentId } from '../../shared/ids.ts'
import type { SqliteDatabase } from './database.ts'

export interface DocumentRow {
  readonly id: number
  readonly name: string
  readonly title: string
  readonly created_at_ms: number
  readonly updated_at_ms: number
  /** The last seq that the segments hold. */
  readonly head_seq: number
  /** The last seq in full packed segments. */
  readonly packed_seq: number
  readonly update_bytes: number
  /** CRC-32 carried on over every update's bytes, seq 1 first. */
  readonly checksum: number
}

/** Ids given to documents without a row, by id. Outlives the connection. */
export type Reservations = Map<number, DocumentId>

export class Documents {
  readonly #statements: ReturnType<typeof prepare>
  readonly #reserved: Reservations
  readonly #reservedIds = new Map<string, number>()
  #nextId = 1

  constructor(database: SqliteDatabase, reserved: Reservations) {
    this.#statements = prepare(database)
    this.#reserved = reserved
    this.#nextId = (this.#statements.lastId.get()?.id ?? 0) + 1
    for (const [id, name] of reserved) {
      this.#reservedIds.set(name, id)
      this.#nextId = Math.max(this.#nextId, id + 1)
    }
  }

  /** The id of `name`, reserved for it when it has no row. */
  handleOf(name: DocumentId): number {
    const known = this.#statements.byName.get(name)?.id ?? this.#reservedIds.get(name)
    if (known !== undefined) return known
    const id = this.#nextId++
    this.#reserved.set(id, name)
    this.#reservedIds.set(name, id)
    return id
  }

  /** The document's row, or null when it was never written. Throws `not-found` for an id nobody was given. */
  row(id: number): DocumentRow | null {
    const row = this.#statements.byId.get(id)
    if (row !== undefined) return row
    if (this.#reserved.has(id)) return null
    throw new SyncError('not-found', `Handle ${id} stands for no document of this store.`)
  }

  /** Whether the document has a row. */
  has(id: number): boolean {
    return this.#statements.byId.get(id) !== undefined
  }

  /** The document's name, quoted, for messages. */
  describe(id: number): string {
    const name = this.#statements.byId.get(id)?.name ?? this.#reserved.get(id)
    return name === undefined ? `Document number ${id}` : `Document ${JSON.stringify(name)}`
  }

  /** Writes the row of a reserved document; part of its first commit's transaction. */
  insert(id: number, atMs: number): void {
    this.#statements.insert.run(id, this.#reserved.get(id) ?? '', atMs, atMs)
  }

  /** Forgets reservations once their rows are committed. */
  confirm(ids: readonly number[]): void {
    for (const id of ids) {
      const name = this.#reserved.get(id)
      if (name === undefined) continue
      this.#reserved.delete(id)
      this.#reservedIds.delete(name)
    }
  }

  /** Records what the segments hold from now on. */
  advance(id: number, to: Pick<DocumentRow, 'head_seq' | 'update_bytes' | 'checksum' | 'updated_at_ms'>): void {
    this.#statements.advance.run(to.head_seq, to.update_bytes, to.checksum, to.updated_at_ms, id)
  }

  setPacked(id: number, seq: number): void {
    this.#statements.setPacked.run(seq, id)
  }

  setTitle(id: number, title: string): void {
    this.#statements.setTitle.run(title, id)
  }

  /** Most recently changed first, as far as the segments know. */
  recent(limit: number): DocumentRow[] {
    return this.#statements.recent.all(limit)
  }

  ids(): number[] {
    return this.#statements.ids.all().map(({ id }) => id)
  }

  /** Documents with at least `updates` updates outside full packed segments. */
  unpacked(updates: number): number[] {
    return this.#statements.unpacked.all(updates).map(({ id }) => id)
  }
}

function prepare(database: SqliteDatabase) {
  return {
    lastId: database.prepare<[], { id: number | null }>('SELECT MAX(id) AS id FROM documents'),
    byName: database.prepare<[string], { id: number }>('SELECT id FROM documents WHERE name = ?'),
    byId: database.prepare<[number], DocumentRow>('SELECT * FROM documents WHERE id = ?'),
    insert: database.prepare<[number, string, number, number]>(
      `INSERT INTO documents (id, name, title, created_at_ms, updated_at_ms, head_seq, packed_seq, update_bytes, checksum)
       VALUES (?, ?, '', ?, ?, 0, 0, 0, 0)`,
    ),
    advance: database.prepare<[number, number, number, number, number]>(
      'UPDATE documents SET head_seq = ?, update_bytes = ?, checksum = ?, updated_at_ms = ? WHERE id = ?',
    ),
    setPacked: database.prepare<[number, number]>('UPDATE documents SET packed_seq = ? WHERE id = ?'),
    setTitle: database.prepare<[string, number]>('UPDATE documents SET title = ? WHERE id = ?'),
    recent: database.prepare<[number], DocumentRow>('SELECT * FROM documents ORDER BY updated_at_ms DESC LIMIT ?'),
    ids: database.prepare<[], { id: number }>('SELECT id FROM documents ORDER BY id'),
    unpacked: database.prepare<[number], { id: number }>('SELECT id FROM documents WHERE head_seq - packed_seq >= ?'),
  }
}
