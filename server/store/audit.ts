/**
 * The audit log's table: each row's hash covers the row and the hash before it, so that no row can be changed, removed or
 * put in between without breaking the chain behind it.
 *
 * The head row says how many there are and the last hash, so that a tail which is cut off is missed. Whoever rewrites
 * everything from one row to the head, the head included, is found only by a head that was noted elsewhere.
 */
import { createHash } from 'node:crypto'
import type { AuditAction, AuditEntry, AuditQuery } from '../../shared/rest.ts'
import type { AuditEvent } from '../ports/audit.ts'
import type { SqliteDatabase } from './database.ts'

interface Row {
  readonly id: number
  readonly at_ms: number
  readonly action: string
  readonly document: string
  readonly user: string
  readonly name: string
  readonly address: string
  /** JSON. */
  readonly detail: string
  readonly hash: string
}

interface Head {
  readonly entries: number
  readonly hash: string
}

export class Audit {
  readonly #database: SqliteDatabase
  readonly #statements: ReturnType<typeof prepare>

  constructor(database: SqliteDatabase) {
    this.#database = database
    this.#statements = prepare(database)
  }

  /** Adds entries in one transaction. */
  append(events: readonly AuditEvent[]): void {
    this.#database.transaction(() => {
      let { entries, hash } = headOf(this.#statements)
      for (const event of events) {
        const row = {
          id: ++entries,
          at_ms: event.atMs,
          action: event.action,
          document: event.document,
          user: event.user,
          name: event.name,
          address: event.address,
          detail: JSON.stringify(event.detail),
        }
        hash = hashOf(hash, row)
        this.#statements.insert.run({ ...row, hash })
      }
      this.#statements.setHead.run(entries, hash)
    })()
  }

  /** Newest first. */
  read({ document, user, fromMs, toMs, limit }: AuditQuery): AuditEntry[] {
    return this.#statements.select
      .all({ document: document ?? null, user: user ?? null, fromMs: fromMs ?? 0, toMs: toMs ?? FAR_MS, limit })
      .map(toEntry)
  }

  /** The latest entry of each user, newest first. */
  latestOfEachUser(document: string, action: AuditAction, limit: number): AuditEntry[] {
    return this.#statements.latest.all(document, action, limit).map(toEntry)
  }
}

/** What is wrong with the chain, a sentence each; `entries` that are there and the last hash. */
export function checkAudit(database: SqliteDatabase): { readonly entries: number; readonly problems: string[] } {
  const statements = prepare(database)
  const problems: string[] = []
  let before: Pick<Row, 'id' | 'hash'> = { id: 0, hash: '' }
  let entries = 0
  for (const row of statements.all.iterate()) {
    entries++
    if (row.id !== before.id + 1) {
      problems.push(`audit ${entryNames(before.id + 1, row.id - 1)} missing`)
    } else if (hashOf(before.hash, row) !== row.hash) {
      problems.push(`audit entry ${row.id} (${row.action}) was changed, or the one before it was replaced`)
    }
    before = row
  }
  const head = headOf(statements)
  if (head.entries > before.id) problems.push(`audit ${entryNames(before.id + 1, head.entries)} missing at the end`)
  else if (head.entries !== before.id || head.hash !== before.hash) {
    problems.push(`the last audit entry, ${before.id}, is not the one that was noted as the last`)
  }
  return { entries, problems }
}

/** Later than any entry. */
const FAR_MS = Number.MAX_SAFE_INTEGER

function entryNames(from: number, to: number): string {
  return from === to ? `entry ${from} is` : `entries ${from}–${to} are`
}

function hashOf(before: string, row: Omit<Row, 'hash'>): string {
  const { id, at_ms: atMs, action, document, user, name, address, detail } = row
  return createHash('sha256')
    .update(JSON.stringify([before, id, atMs, action, document, user, name, address, detail]))
    .digest('hex')
}

function toEntry(row: Row): AuditEntry {
  return {
    id: row.id,
    atMs: row.at_ms,
    // Only `append` writes rows, and a changed one is for `verify` to find.
    action: row.action as AuditAction,
    document: row.document,
    user: row.user,
    name: row.name,
    address: row.address,
    detail: JSON.parse(row.detail) as AuditEntry['detail'],
    hash: row.hash,
  }
}

function headOf({ head }: ReturnType<typeof prepare>): Head {
  return head.get() ?? { entries: 0, hash: '' }
}

function prepare(database: SqliteDatabase) {
  return {
    insert: database.prepare<[Row]>(
      `INSERT INTO audit (id, at_ms, action, document, user, name, address, detail, hash)
       VALUES (@id, @at_ms, @action, @document, @user, @name, @address, @detail, @hash)`,
    ),
    head: database.prepare<[], Head>('SELECT entries, hash FROM audit_head'),
    setHead: database.prepare<[number, string]>('UPDATE audit_head SET entries = ?, hash = ?'),
    all: database.prepare<[], Row>('SELECT * FROM audit ORDER BY id'),
    select: database.prepare<[object], Row>(
      `SELECT * FROM audit
       WHERE (@document IS NULL OR document = @document)
         AND (@user IS NULL OR user = @user)
         AND at_ms BETWEEN @fromMs AND @toMs
       ORDER BY id DESC LIMIT @limit`,
    ),
    latest: database.prepare<[string, string, number], Row>(
      `SELECT * FROM audit
       WHERE id IN (SELECT MAX(id) FROM audit WHERE document = ? AND action = ? GROUP BY user)
       ORDER BY id DESC LIMIT ?`,
    ),
  }
}
