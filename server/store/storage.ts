/** One open database and everything that works on it. Made anew when its connection can no longer be trusted. */
import { Audit } from './audit.ts'
import { assertDurable, openDatabase, type DatabaseOptions, type SqliteDatabase } from './database.ts'
import type { SegmentLimits } from './distribution.ts'
import { StoredClientOwners } from './client-owners.ts'
import { Documents, type Reservations } from './documents.ts'
import { Journal } from './journal.ts'
import { Links } from './links.ts'
import { Log } from './log.ts'
import { migrate } from './migrations.ts'
import { Packer } from './packer.ts'
import { Quarantines } from './quarantines.ts'
import { Revocations } from './revocations.ts'
import { Segments } from './segments.ts'
import { Snapshots } from './snapshots.ts'
import { checkWal } from './wal-check.ts'

export interface StorageOptions extends DatabaseOptions, SegmentLimits {
  readonly file: string
}

export interface StorageState {
  readonly reserved: Reservations
  /** The last commit that was reported as done; null when the one before did not tell. What follows it is undone. */
  readonly journalEnd: number | null
}

export class Storage {
  readonly documents: Documents
  readonly segments: Segments
  readonly journal: Journal
  readonly log: Log
  readonly snapshots: Snapshots
  readonly packer: Packer
  readonly quarantines: Quarantines
  readonly clientOwners: StoredClientOwners
  readonly audit: Audit
  readonly links: Links
  readonly revocations: Revocations
  readonly database: SqliteDatabase
  readonly #limits: SegmentLimits

  /** Opens the database, brings its schema up to date, and checks and distributes what a crash left in the journal. */
  constructor(options: StorageOptions, { reserved, journalEnd }: StorageState) {
    this.#limits = options
    checkWal(`${options.file}-wal`)
    this.database = openDatabase(options.file, options)
    try {
      migrate(this.database)
      this.documents = new Documents(this.database, reserved)
      this.segments = new Segments(this.database, this.documents)
      this.journal = new Journal(this.database, this.documents, this.segments)
      this.log = new Log(this.documents, this.segments, this.journal)
      this.snapshots = new Snapshots(this.database, this.documents)
      this.packer = new Packer(this.database, this.documents, this.segments, options)
      this.quarantines = new Quarantines(this.database)
      this.clientOwners = new StoredClientOwners(this.database)
      this.audit = new Audit(this.database)
      this.links = new Links(this.database)
      this.revocations = new Revocations(this.database)
      this.probe()
      if (journalEnd !== null) this.journal.endAt(journalEnd)
      this.journal.load()
      this.distribute()
    } catch (thrown) {
      this.database.close()
      throw thrown
    }
  }

  /** Moves the whole journal to the documents' segments. */
  distribute(): void {
    while (this.journal.rows > 0) this.distributeStep()
  }

  /** Moves a part of it, see `Journal.distributeStep`; returns the documents it moved something of. */
  distributeStep(): number[] {
    return this.journal.distributeStep(this.#limits)
  }

  /** Writes one row and returns once it is on disk. */
  probe(): void {
    this.database.prepare('UPDATE store SET probed_at_ms = ?').run(Date.now())
    assertDurable(this.database)
  }
}
