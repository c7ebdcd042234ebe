/** The share links' rows. */
import type { Role } from '../../shared/roles.ts'
import type { StoredLink } from '../ports/link-store.ts'
import type { SqliteDatabase } from './database.ts'

interface Row {
  readonly id: string
  readonly document: string
  readonly role: string
  readonly label: string
  readonly created_at_ms: number
  readonly created_by: string
  readonly expires_at_ms: number | null
  readonly revoked_at_ms: number | null
  readonly secret_hash: string
}

export class Links {
  readonly #statements: ReturnType<typeof prepare>

  constructor(database: SqliteDatabase) {
    this.#statements = prepare(database)
  }

  save(link: StoredLink): void {
    this.#statements.save.run({
      id: link.id,
      document: link.document,
      role: link.role,
      label: link.label,
      created_at_ms: link.createdAtMs,
      created_by: link.createdBy,
      expires_at_ms: link.expiresAtMs,
      revoked_at_ms: link.revokedAtMs,
      secret_hash: link.secretHash,
    })
  }

  find(id: string): StoredLink | null {
    const row = this.#statements.find.get(id)
    return row === undefined ? null : toLink(row)
  }

  list(document: string): StoredLink[] {
    return this.#statements.list.all(document).map(toLink)
  }
}

function toLink(row: Row): StoredLink {
  return {
    id: row.id,
    document: row.document,
    // The table takes no other.
    role: row.role as Role,
    label: row.label,
    createdAtMs: row.created_at_ms,
    createdBy: row.created_by,
    expiresAtMs: row.expires_at_ms,
    revokedAtMs: row.revoked_at_ms,
    secretHash: row.secret_hash,
  }
}

function prepare(database: SqliteDatabase) {
  return {
    save: database.prepare<[Row]>(
      `INSERT OR REPLACE INTO links
         (id, document, role, label, created_at_ms, created_by, expires_at_ms, revoked_at_ms, secret_hash)
       VALUES (@id, @document, @role, @label, @created_at_ms, @created_by, @expires_at_ms, @revoked_at_ms, @secret_hash)`,
    ),
    find: database.prepare<[string], Row>('SELECT * FROM links WHERE id = ?'),
    list: database.prepare<[string], Row>(
      'SELECT * FROM links WHERE document = ? AND revoked_at_ms IS NULL ORDER BY created_at_ms DESC, id',
    ),
  }
}
