/** The database of Hocuspocus' SQLite extension: a row for each document, with all of it as one update. */
import Database from 'better-sqlite3'
import { asSyncError, SyncError } from '../../shared/errors.ts'
import type { ForeignDocument, ForeignSource } from '../ports/foreign.ts'

interface Row {
  readonly id: number
  readonly name: string
}

/** Reads as of now what a server may be writing to. Rejects `unreadable-source`. */
export async function openHocuspocusFile(path: string): Promise<ForeignSource> {
  let database: Database.Database | null = null
  try {
    database = new Database(path, { readonly: true })
    const rows = database.prepare<[], Row>('SELECT rowid AS id, name FROM documents ORDER BY name').all()
    return sourceOf(path, database, rows)
  } catch (thrown) {
    database?.close()
    // SQLite's own words name what is missing: the table, a column, or that it is no database at all.
    const { message } = asSyncError(thrown, 'unreadable-source')
    throw new SyncError('unreadable-source', `${path} is no database of Hocuspocus: ${message}.`, { cause: thrown })
  }
}

function sourceOf(path: string, database: Database.Database, rows: readonly Row[]): ForeignSource {
  const select = database.prepare<[number]>('SELECT data FROM documents WHERE rowid = ?').pluck()
  const documentOf = ({ id, name }: Row): ForeignDocument => ({
    name,
    place: `${path}, row ${id}`,
    updates: async () => {
      const data = read(() => select.get(id))
      if (data instanceof Uint8Array) return [data]
      throw new SyncError('unreadable-source', 'The row holds no bytes.')
    },
  })
  return {
    kind: "Hocuspocus' SQLite database",
    encoding: 'v1',
    count: rows.length,
    async *documents() {
      yield* rows.map(documentOf)
    },
    close: async () => void database.close(),
  }
}

function read<Result>(from: () => Result): Result {
  try {
    return from()
  } catch (thrown) {
    throw asSyncError(thrown, 'unreadable-source')
  }
}
