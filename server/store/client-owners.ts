/** Which user a client id of a document is; see core/client-owners.ts. */
import type { ClientOwner, DocumentClientOwner } from '../ports/store.ts'
import type { SqliteDatabase } from './database.ts'

export class StoredClientOwners {
  readonly #statements: ReturnType<typeof prepare>

  constructor(database: SqliteDatabase) {
    this.#statements = prepare(database)
  }

  of(document: number): ClientOwner[] {
    return this.#statements.list.all(document)
  }

  /** An id that has an owner keeps it. To be called in a transaction. */
  save(owners: readonly DocumentClientOwner[]): void {
    for (const { handle, client, user } of owners) this.#statements.save.run(handle, client, user)
  }
}

function prepare(database: SqliteDatabase) {
  return {
    list: database.prepare<[number], ClientOwner>('SELECT client, user FROM client_owners WHERE document = ?'),
    save: database.prepare<[number, number, string]>(
      'INSERT OR IGNORE INTO client_owners (document, client, user) VALUES (?, ?, ?)',
    ),
  }
}
