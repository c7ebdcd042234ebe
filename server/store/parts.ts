/**
 * The bytes of large updates, in parts: each is written in a transaction of its own, so that nobody else's commit waits
 * for more than one.
 *
 * They count once a commit names them. Until then they are unfinished: of a commit that failed, or that a crash cut off,
 * they are garbage, and go before others are written, or with the next start.
 */
import type { SqliteDatabase } from './database.ts'
import type { PartsSource } from './large-run.ts'

export class Parts implements PartsSource {
  readonly #database: SqliteDatabase
  readonly #statements: ReturnType<typeof prepare>
  /** Parts that nobody is going to name any more. */
  readonly #garbage: number[] = []
  #lastId: number

  constructor(database: SqliteDatabase) {
    this.#database = database
    this.#statements = prepare(database)
    this.#lastId = this.#statements.lastId.get()?.id ?? 0
  }

  /** Finds what commits left behind that did not come about. Nothing is being written then. */
  load(): void {
    this.#garbage.splice(0, Infinity, ...this.#statements.unfinished.all().map(({ id }) => id))
  }

  *read(id: number): Generator<Uint8Array> {
    for (const { bytes } of this.#statements.read.iterate(id)) yield bytes
  }

  /** Parts to be written, which `finish` or `abandon` has to be called for in the end. */
  begin(): number {
    return ++this.#lastId
  }

  /** Writes a part, in one transaction; the first one has number 0. */
  write(id: number, number: number, bytes: Uint8Array): void {
    this.#database.transaction(() => {
      if (number === 0) this.#statements.begin.run(id)
      this.#statements.insert.run(id, number, bytes)
    })()
  }

  /** They count from now on. Part of the transaction of the commit that names them. */
  finish(id: number): void {
    this.#statements.finish.run(id)
  }

  /** They will not be named. */
  abandon(id: number): void {
    this.#garbage.push(id)
  }

  /** The commit that named them is undone. Part of the transaction that does so. */
  disown(id: number): void {
    this.#statements.begin.run(id)
    this.#garbage.push(id)
  }

  /** Removes a piece of garbage; false when there was none. */
  removeGarbage(): boolean {
    const id = this.#garbage[0]
    if (id === undefined) return false
    if (this.#statements.removeLast.run(id, id).changes > 0) return true
    this.#statements.finish.run(id)
    this.#garbage.shift()
    return true
  }
}

function prepare(database: SqliteDatabase) {
  return {
    lastId: database.prepare<[], { id: number | null }>('SELECT MAX(id) AS id FROM parts'),
    unfinished: database.prepare<[], { id: number }>('SELECT id FROM unfinished_parts'),
    read: database.prepare<[number], { bytes: Uint8Array }>('SELECT bytes FROM parts WHERE id = ? ORDER BY number'),
    begin: database.prepare<[number]>('INSERT INTO unfinished_parts (id) VALUES (?)'),
    insert: database.prepare<[number, number, Uint8Array]>('INSERT INTO parts (id, number, bytes) VALUES (?, ?, ?)'),
    finish: database.prepare<[number]>('DELETE FROM unfinished_parts WHERE id = ?'),
    removeLast: database.prepare<[number, number]>(
      'DELETE FROM parts WHERE id = ? AND number = (SELECT MAX(number) FROM parts WHERE id = ?)',
    ),
  }
}
