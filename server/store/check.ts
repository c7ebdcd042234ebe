/**
 * Checking a database: every row's checksum, no gap, heads that fit, every update walkable and in causal order.
 *
 * Each document is read in a transaction of its own, so that a store that is writing is not held up: a reader that
 * stays keeps the write-ahead log from being emptied.
 */
import type { VerifyReport } from '../../shared/rest.ts'
import { Coverage } from '../../shared/update/coverage.ts'
import { UpdateShape, walkUpdate } from '../../shared/update/walk.ts'
import type { PendingUpdate } from '../ports/store.ts'
import { checkAudit } from './audit.ts'
import { carryChecksum } from './checksum.ts'
import { reasonOf } from './damage.ts'
import type { SqliteDatabase } from './database.ts'
import { Courtesy } from './courtesy.ts'
import { Documents, type DocumentRow } from './documents.ts'
import { Journal } from './journal.ts'
import { Log } from './log.ts'
import { Parts } from './parts.ts'
import { Segments } from './segments.ts'
import { Snapshots } from './snapshots.ts'

interface ReadSnapshot {
  readonly seq: number
  readonly coverage: Coverage
}

/** What is read while checking, and where problems go. */
interface Checked {
  readonly log: Log
  readonly segments: Segments
  readonly snapshots: Snapshots
  readonly report: (problem: string) => void
}

export function checkDatabase(database: SqliteDatabase): VerifyReport {
  const problems: { document: string; problem: string }[] = []
  const reportOfStore = (problem: string): void => void problems.push({ document: '', problem })
  // SQLite reports the damage it finds, or, when it finds too much, gives up.
  for (const problem of attempt(() => checkPages(database), reportOfStore) ?? []) reportOfStore(problem)
  const documents = new Documents(database, new Map())
  const parts = new Parts(database)
  const segments = new Segments(database, documents, parts)
  const journal = new Journal(database, documents, segments, parts)
  const courtesy = new Courtesy()
  const log = new Log(documents, segments, journal, courtesy)
  const snapshots = new Snapshots(database, documents, courtesy)
  const ids = reading(database, () => {
    attempt(() => journal.load(null), reportOfStore)
    return documents.ids()
  })
  let updates = 0
  let bytes = 0
  for (const id of ids) {
    reading(database, () => {
      const row = documents.row(id)
      if (row === null) return
      const report = (problem: string): void => void problems.push({ document: row.name, problem })
      const check = new DocumentCheck(row, { log, segments, snapshots, report })
      // A page that SQLite cannot read ends the check of its document and of no other.
      attempt(() => check.run(), report)
      updates += check.updates
      bytes += check.bytes
    })
  }
  const audit = attempt(() => reading(database, () => checkAudit(database)), reportOfStore)
  for (const problem of audit?.problems ?? []) reportOfStore(problem)
  return { documents: ids.length, updates, bytes, auditEntries: audit?.entries ?? 0, problems }
}

class DocumentCheck {
  updates = 0
  bytes = 0
  readonly #row: DocumentRow
  readonly #checked: Checked
  readonly #shape = new UpdateShape()
  readonly #coverage = Coverage.empty()
  /** Null from the first update on that cannot be read: what follows it cannot be reckoned. */
  #checksum: number | null = 0
  /** False from the first update on that has a gap before it: most that follow would have one too. */
  #isCausal = true

  constructor(row: DocumentRow, checked: Checked) {
    this.#row = row
    this.#checked = checked
  }

  run(): void {
    const { id, head_seq: headSeq, update_bytes: updateBytes, checksum } = this.#row
    const snapshot = this.#readSnapshot()
    let next = 1
    for (const { firstSeq, lastSeq } of this.#checked.segments.spansAfter(id, 0)) {
      if (firstSeq !== next) this.#lose(`seqs ${next}–${firstSeq - 1} are missing or doubled`)
      this.#read(firstSeq, lastSeq, snapshot)
      next = lastSeq + 1
    }
    if (next !== headSeq + 1) this.#lose(`the log ends at seq ${next - 1}, the head is ${headSeq}`)
    if (this.#checksum !== null && (this.#checksum !== checksum || this.bytes !== updateBytes)) {
      this.#lose('the updates do not add up to the checksum and size of the head')
    }
    this.#read(headSeq + 1, this.#checked.log.headOf(id), snapshot)
  }

  #readSnapshot(): ReadSnapshot | null {
    return attempt(() => {
      const { id } = this.#row
      const header = this.#checked.snapshots.header(id)
      if (header === null) return null
      for (const chunk of this.#checked.snapshots.chunks(id)) walkUpdate(chunk, this.#shape)
      const head = this.#checked.log.headOf(id)
      if (header.seq > head) this.#checked.report(`the snapshot is of seq ${header.seq}, beyond the head, ${head}`)
      return { seq: header.seq, coverage: Coverage.decode(header.coverage) }
    }, this.#checked.report)
  }

  /** The shape of the update at `seq` has just been read. */
  #compare(seq: number, snapshot: ReadSnapshot | null): void {
    if (snapshot === null || seq > snapshot.seq || snapshot.coverage.relation(this.#shape) === 'known') return
    this.#checked.report(`seq ${seq} is not in the snapshot of seq ${snapshot.seq}`)
  }

  #read(fromSeq: number, toSeq: number, snapshot: ReadSnapshot | null): void {
    attempt(
      () => {
        for (let seq = fromSeq; seq <= toSeq;) {
          const { updates } = this.#checked.log.read(this.#row.id, seq, toSeq)
          for (const update of updates) {
            this.#take(seq, update)
            this.#compare(seq, snapshot)
            seq++
          }
        }
      },
      (problem) => this.#lose(problem),
    )
  }

  #take(seq: number, { bytes }: PendingUpdate): void {
    this.updates++
    this.bytes += bytes.length
    if (this.#checksum !== null) this.#checksum = carryChecksum(this.#checksum, bytes)
    walkUpdate(bytes, this.#shape)
    if (this.#isCausal && this.#coverage.relation(this.#shape) === 'gap') {
      this.#checked.report(`seq ${seq} builds on what the log does not hold`)
      this.#isCausal = false
    }
    this.#coverage.add(this.#shape)
  }

  #lose(problem: string): void {
    this.#checked.report(problem)
    this.#checksum = null
    this.#isCausal = false
  }
}

function checkPages(database: SqliteDatabase): string[] {
  const rows = database.prepare<[], { integrity_check: string }>('PRAGMA integrity_check(20)').all()
  return rows.map((row) => row.integrity_check).filter((line) => line !== 'ok')
}

/** Runs `action` on one moment of the database. Ended by a rollback, since one that has met a bad page cannot commit. */
function reading<T>(database: SqliteDatabase, action: () => T): T {
  database.exec('BEGIN')
  try {
    return action()
  } finally {
    database.exec('ROLLBACK')
  }
}

/** What `action` returns, or null when it threw, which `report` is told. */
function attempt<T>(action: () => T, report: (problem: string) => void): T | null {
  try {
    return action()
  } catch (thrown) {
    report(reasonOf(thrown))
    return null
  }
}
