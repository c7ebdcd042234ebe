/** The revocations' rows. */
import type { StoredRevocation } from '../ports/revocation-store.ts'
import type { SqliteDatabase } from './database.ts'

interface Row {
  readonly kind: string
  readonly id: string
  readonly at_ms: number
}

export class Revocations {
  readonly #statements: ReturnType<typeof prepare>

  constructor(database: SqliteDatabase) {
    this.#statements = prepare(database)
  }

  save({ kind, id, atMs }: StoredRevocation): void {
    this.#statements.save.run(kind, id, atMs)
  }

  list(): StoredRevocation[] {
    // The table takes no other kind.
    return this.#statements.list.all().map((row) => ({
      kind: row.kind as StoredRevocation['kind'],
      id: row.id,
      atMs: row.at_ms,
    }))
  }
}

function prepare(database: SqliteDatabase) {
  return {
    save: database.prepare<[string, string, number]>(
      'INSERT OR REPLACE INTO revocations (kind, id, at_ms) VALUES (?, ?, ?)',
    ),
    list: database.prepare<[], Row>('SELECT kind, id, at_ms FROM revocations'),
  }
}
