/**
 * One open database and everything that works on it. Made anew when its connection can no longer be trusted.
 *
 * It can be read at once. Before anything is written it has to be made writable, which a full or failing disk does not
 * allow: then people go on reading.
 */
import { Audit } from './audit.ts'
import { Courtesy } from './courtesy.ts'
import { assertDurable, openDatabase, type DatabaseOptions, type SqliteDatabase } from './database.ts'
import type { SegmentLimits } from './distribution.ts'
import { StoredClientOwners } from './client-owners.ts'
import { Documents, type Reservations } from './documents.ts'
import { Journal } from './journal.ts'
import { Links } from './links.ts'
import { Log } from './log.ts'
import { migrate } from './migrations.ts'
import { Packer } from './packer.ts'
import { Parts } from './parts.ts'
import { Quarantines } from './quarantines.ts'
import { Revocations } from './revocations.ts'
import { Segments } from './segments.ts'
import { Snapshots } from './snapshots.ts'
import { mendWal } from './wal-mending.ts'
import { WriteAheadLog } from './write-ahead-log.ts'

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
  readonly parts: Parts
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
  readonly courtesy = new Courtesy()
  readonly database: SqliteDatabase
  readonly wal: WriteAheadLog
  /** What was put back in the write-ahead log before it was opened, a sentence each. */
  readonly mended: readonly string[]
  readonly #limits: SegmentLimits
  readonly #isReopened: boolean
  #isWritable = false

  /** Opens the database, brings its schema up to date, and checks what a crash left in the journal. */
  constructor(options: StorageOptions, { reserved, journalEnd }: StorageState) {
    this.#limits = options
    this.#isReopened = journalEnd !== null
    this.mended = mendWal(`${options.file}-wal`)
    this.database = openDatabase(options.file, options)
    try {
      migrate(this.database)
      this.wal = new WriteAheadLog(this.database)
      this.documents = new Documents(this.database, reserved)
      this.parts = new Parts(this.database)
      this.segments = new Segments(this.database, this.documents, this.parts)
      this.journal = new Journal(this.database, this.documents, this.segments, this.parts)
      this.log = new Log(this.documents, this.segments, this.journal, this.courtesy)
      this.snapshots = new Snapshots(this.database, this.documents, this.courtesy)
      this.packer = new Packer(this.database, this.documents, this.segments, options)
      this.quarantines = new Quarantines(this.database)
      this.clientOwners = new StoredClientOwners(this.database)
      this.audit = new Audit(this.database)
      this.links = new Links(this.database)
      this.revocations = new Revocations(this.database)
      this.journal.load(journalEnd)
      this.parts.load()
    } catch (thrown) {
      this.database.close()
      throw thrown
    }
  }

  /** Throws, as long as it is so, when the disk does not take what is written. Costs nothing once it succeeded. */
  makeWritable(): void {
    if (this.#isWritable) return
    if (this.#isReopened) {
      // What failed to reach the disk before looks clean to the next fsync: all of it has to be written once more.
      this.wal.rewrite()
      this.journal.dropRest()
    }
    this.probe()
    this.distribute()
    while (this.parts.removeGarbage());
    this.#isWritable = true
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
