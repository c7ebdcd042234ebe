/**
 * Documents that are served as they were up to a seq, and single updates that count as though they held nothing.
 *
 * The log keeps every update as it came; what is dropped is left out when it is read.
 */
import type { ErrorCode } from '../../shared/errors.ts'
import type { Seq } from '../../shared/ids.ts'
import type { Quarantine } from '../ports/store.ts'
import type { SqliteDatabase } from './database.ts'

interface Row {
  readonly since_ms: number
  readonly good_seq: number
  readonly bad_seqs: string
  readonly code: string
  readonly message: string
  readonly is_kept: number
}

export class Quarantines {
  readonly #database: SqliteDatabase
  readonly #statements: ReturnType<typeof prepare>

  constructor(database: SqliteDatabase) {
    this.#database = database
    this.#statements = prepare(database)
  }

  of(document: number): Quarantine | null {
    const row = this.#statements.find.get(document)
    return row === undefined || row.is_kept === 1 ? null : toQuarantine(row)
  }

  /** Whether the document is served as it is, whatever is found in it. */
  isKept(document: number): boolean {
    return this.#statements.find.get(document)?.is_kept === 1
  }

  save(document: number, { sinceMs, goodSeq, badSeqs, code, message }: Quarantine): void {
    this.#statements.save.run(document, sinceMs, goodSeq, JSON.stringify(badSeqs), code, message)
  }

  lift(document: number, keep: boolean): void {
    if (keep) this.#statements.keep.run(document, Date.now())
    else this.#statements.remove.run(document)
  }

  list(): { readonly document: string; readonly quarantine: Quarantine }[] {
    return this.#statements.list.all().map((row) => ({ document: row.name, quarantine: toQuarantine(row) }))
  }

  /** Seqs of dropped updates between two, both included. */
  dropped(document: number, fromSeq: number, toSeq: number): ReadonlySet<number> {
    return new Set(this.#statements.dropped.all(document, fromSeq, toSeq).map(({ seq }) => seq))
  }

  /** Drops updates and lifts the quarantine; a snapshot that holds one of them goes. */
  drop(document: number, seqs: readonly number[], by: string): void {
    this.#database.transaction(() => {
      for (const seq of seqs) this.#statements.drop.run(document, seq, Date.now(), by)
      this.#statements.removeSnapshot.run(document, Math.min(...seqs))
      this.#statements.remove.run(document)
    })()
  }
}

function toQuarantine(row: Row): Quarantine {
  return {
    sinceMs: row.since_ms,
    goodSeq: row.good_seq as Seq,
    badSeqs: JSON.parse(row.bad_seqs) as number[],
    // Written by `save`, which takes no other.
    code: row.code as ErrorCode,
    message: row.message,
  }
}

function prepare(database: SqliteDatabase) {
  return {
    find: database.prepare<[number], Row>('SELECT * FROM quarantines WHERE document = ?'),
    list: database.prepare<[], Row & { readonly name: string }>(
      `SELECT quarantines.*, documents.name FROM quarantines JOIN documents ON documents.id = quarantines.document
       WHERE is_kept = 0 ORDER BY since_ms`,
    ),
    save: database.prepare<[number, number, number, string, string, string]>(
      `INSERT OR REPLACE INTO quarantines (document, since_ms, good_seq, bad_seqs, code, message, is_kept)
       VALUES (?, ?, ?, ?, ?, ?, 0)`,
    ),
    keep: database.prepare<[number, number]>(
      `INSERT INTO quarantines (document, since_ms, good_seq, bad_seqs, code, message, is_kept)
       VALUES (?, ?, 0, '[]', '', '', 1) ON CONFLICT (document) DO UPDATE SET is_kept = 1`,
    ),
    remove: database.prepare<[number]>('DELETE FROM quarantines WHERE document = ?'),
    dropped: database.prepare<[number, number, number], { seq: number }>(
      'SELECT seq FROM dropped_updates WHERE document = ? AND seq BETWEEN ? AND ?',
    ),
    drop: database.prepare<[number, number, number, string]>(
      'INSERT OR IGNORE INTO dropped_updates (document, seq, at_ms, dropped_by) VALUES (?, ?, ?, ?)',
    ),
    removeSnapshot: database.prepare<[number, number]>('DELETE FROM snapshots WHERE document = ? AND seq >= ?'),
  }
}
