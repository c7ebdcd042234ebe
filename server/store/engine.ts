/** The store on its own thread: what `Store` promises, on the folder that it alone writes. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { SyncError } from '../../shared/errors.ts'
import type { DocumentId, Seq } from '../../shared/ids.ts'
import type { AuditAction, AuditEntry, AuditQuery, DocumentSummary, TimelineEntry } from '../../shared/rest.ts'
import type { AuditEvent } from '../ports/audit.ts'
import type { StoredLink } from '../ports/link-store.ts'
import type { StoredRevocation } from '../ports/revocation-store.ts'
import type {
  DocumentClientOwner,
  LogSlice,
  NewSnapshot,
  OpenedDocument,
  Quarantine,
  SentContent,
  StoredContent,
} from '../ports/store.ts'
import { ReceivedParcel, type SentParcel, sendPieces } from '../threads/parcel.ts'
import { copyDatabase } from './backup.ts'
import { readContent, Readings, sendContent } from './contents.ts'
import { Checkpoints } from './checkpoints.ts'
import { asStorageError, isConnectionDoubtful, type DatabaseOptions } from './database.ts'
import { assertTakesWrites } from './disk-probe.ts'
import type { SegmentLimits } from './distribution.ts'
import { DATABASE_FILE, type Committed, type EngineCalls, type LargeCommit, type Posted } from './engine-calls.ts'
import { FolderLock } from './folder-lock.ts'
import { Housekeeping, type HousekeepingOptions } from './housekeeping.ts'
import { commitLarge } from './large-commit.ts'
import { listDocuments } from './listing.ts'
import { openDocument } from './opening.ts'
import { packedPieces, packedUpdates, headOf, type Scope } from './served.ts'
import { Storage, type StorageState } from './storage.ts'
import { Timeline } from './timeline.ts'
import { closeLeavingLog } from './write-ahead-log.ts'

export interface EngineOptions extends DatabaseOptions, SegmentLimits, HousekeepingOptions {
  readonly folder: string
  /** How long to wait for the process that has the folder to end. */
  readonly lockWaitMs: number
  /** A large update is written in parts of this size. */
  readonly partBytes: number
}

/** Updates read at a time going back through the log. */
const TIMELINE_WINDOW = 4096

export class Engine implements EngineCalls {
  readonly #options: EngineOptions
  readonly #lock: FolderLock
  readonly #checkpoints: Checkpoints
  readonly #housekeeping: Housekeeping
  readonly #readings = new Readings()
  #current: Storage | null = null
  /** Settles when the snapshot that was last asked for is saved. They are saved one after the other. */
  #saving: Promise<void> = Promise.resolve()
  /** An I/O error was met: the current connection may be read, and must not be written. */
  #isDoubtful = false
  /** What a new connection has to go on from. */
  #state: StorageState

  /**
   * Opens the folder, creating it when it is missing. `state` is what an engine before this one left.
   * Throws `storage-locked`, `storage-corrupt`, `storage-failed`, `unsupported-runtime`.
   */
  constructor(options: EngineOptions, state: StorageState) {
    this.#options = options
    this.#state = state
    try {
      mkdirSync(options.folder, { recursive: true, mode: 0o700 })
      this.#lock = new FolderLock(options.folder, options.lockWaitMs)
    } catch (thrown) {
      throw asStorageError(thrown, `Folder ${options.folder} cannot be used`)
    }
    const file = join(options.folder, DATABASE_FILE)
    this.#checkpoints = new Checkpoints(file, options.checkpointAfterBytes, () => this.#writable().wal)
    try {
      this.#housekeeping = new Housekeeping(options, this.#readable().documents.unpacked(options.packAfterUpdates), {
        storage: () => this.#writable(),
        checkpoints: this.#checkpoints,
        onFailure: (thrown) => this.#distrust(thrown),
      })
    } catch (thrown) {
      this.#lock.release()
      throw asStorageError(thrown, `Folder ${options.folder} cannot be used`)
    }
  }

  open(document: DocumentId): Promise<OpenedDocument> {
    return this.#read(`Document ${JSON.stringify(document)} did not open`, (storage) => openDocument(storage, document))
  }

  async commit(payload: Uint8Array, owners: readonly DocumentClientOwner[] = []): Promise<Committed> {
    const committed = await this.#write('The commit failed', ({ journal, clientOwners, courtesy }) => {
      courtesy.noteCommit()
      const firstSeqs = journal.commit(payload, owners.length === 0 ? null : () => clientOwners.save(owners)) as Seq[]
      return { number: journal.lastId, firstSeqs }
    })
    this.#housekeeping.noteCommit()
    return committed
  }

  async commitLarge(update: LargeCommit): Promise<Committed> {
    const committed = await this.#write('The commit failed', async (storage) => {
      const turn = async (): Promise<void> => {
        await storage.courtesy.turn()
        if (this.#writable() === storage) return
        throw new SyncError('storage-failed', 'The database was opened anew before a large update was written.')
      }
      const firstSeqs = await commitLarge(storage, update, { partBytes: this.#options.partBytes, turn })
      return { number: storage.journal.lastId, firstSeqs }
    })
    this.#housekeeping.noteCommit()
    return committed
  }

  content(handle: number, scope?: Scope): Promise<StoredContent> {
    return this.#read('The document was not read', (storage) => readContent(storage, handle, scope))
  }

  send(handle: number, scope?: Scope): Promise<Posted<SentContent>> {
    return this.#read('The document was not read', (storage) => sendContent(storage, handle, scope))
  }

  beginReading(handle: number): ReturnType<EngineCalls['beginReading']> {
    return this.#read('The document was not read', (storage) => this.#readings.begin(storage, handle))
  }

  readOn(reading: number): Promise<readonly Uint8Array[]> {
    return this.#read('The document was not read', (storage) => this.#readings.next(storage, reading))
  }

  endReading(reading: number): Promise<void> {
    return this.#read('The document was not read', () => this.#readings.end(reading))
  }

  quarantine(handle: number, quarantine: Quarantine): Promise<void> {
    return this.#write('The document was not put in quarantine', (storage) => {
      storage.distribute()
      storage.quarantines.save(handle, quarantine)
    })
  }

  liftQuarantine(handle: number, keep: boolean): Promise<void> {
    return this.#write('The quarantine was not ended', ({ quarantines }) => quarantines.lift(handle, keep))
  }

  dropUpdates(handle: number, seqs: readonly number[], by: string): Promise<void> {
    return this.#write('The updates were not dropped', ({ quarantines }) => quarantines.drop(handle, seqs, by))
  }

  quarantined(): Promise<{ readonly document: string; readonly quarantine: Quarantine }[]> {
    return this.#read('The quarantines were not read', ({ quarantines }) => quarantines.list())
  }

  saveSnapshot(handle: number, { chunks, ...snapshot }: Posted<NewSnapshot>): Promise<void> {
    const parcel = new ReceivedParcel(chunks)
    const saving = this.#write('The snapshot was not saved', async (storage) => {
      await this.#saving
      const head = storage.log.headOf(handle)
      if (snapshot.seq > head) {
        throw new SyncError('invalid-moment', `A snapshot of seq ${snapshot.seq} is beyond the head, ${head}.`)
      }
      await storage.snapshots.save(handle, { ...snapshot, chunks: parcel })
      this.#housekeeping.noteWrite()
    }).finally(() => parcel.discard())
    this.#saving = saving.catch(() => undefined)
    return saving
  }

  handle(document: DocumentId): Promise<number> {
    return this.#read(`Document ${JSON.stringify(document)} was not found`, ({ documents, log }) => {
      const handle = documents.handleOf(document)
      if (log.headOf(handle) > 0) return handle
      throw new SyncError('not-found', `There is no document ${JSON.stringify(document)}.`)
    })
  }

  forgetSnapshot(handle: number): Promise<void> {
    return this.#write('The snapshot was not forgotten', ({ snapshots }) => snapshots.forget(handle))
  }

  log(handle: number, fromSeq: Seq, toSeq: Seq, scope?: Scope): Promise<LogSlice> {
    return this.#read('The log was not read', async (storage) => {
      const from = Math.max(1, fromSeq)
      const to = Math.max(from - 1, Math.min(toSeq, headOf(storage, handle, scope)))
      const updates = await packedUpdates(storage, handle, { fromSeq: from, toSeq: to })
      return { fromSeq: from as Seq, toSeq: to as Seq, updates }
    })
  }

  sendLog(handle: number, fromSeq: Seq, toSeq: Seq): Promise<SentParcel> {
    return this.#read('The log was not read', (storage) => {
      const to = Math.min(toSeq, headOf(storage, handle))
      return sendPieces(packedPieces(storage, handle, { fromSeq: Math.max(1, fromSeq), toSeq: to }))
    })
  }

  seqAt(handle: number, timeMs: number): Promise<Seq> {
    return this.#read('The log was not read', (storage) => storage.log.seqAt(handle, timeMs) as Seq)
  }

  timeline(handle: number, options: { readonly pauseMs: number; readonly limit: number }): Promise<TimelineEntry[]> {
    return this.#read('The log was not read', async (storage) => {
      const timeline = new Timeline(options)
      for (let to = storage.log.headOf(handle); to > 0 && !timeline.isComplete; to -= TIMELINE_WINDOW) {
        const updates = await storage.log.collect(handle, Math.max(1, to - TIMELINE_WINDOW + 1), to)
        for (const [index, update] of updates.toReversed().entries()) timeline.add(to - index, update)
      }
      return timeline.entries()
    })
  }

  list(limit: number): Promise<DocumentSummary[]> {
    return this.#read('The documents were not listed', (storage) => listDocuments(storage, limit))
  }

  copyTo(file: string): Promise<void> {
    return this.#write(`The copy to ${file} failed`, async (storage) => {
      await this.#housekeeping.distribute()
      await copyDatabase(storage.database, file)
    })
  }

  appendAudit(events: readonly AuditEvent[]): Promise<void> {
    return this.#write('The audit log was not written', ({ audit }) => audit.append(events))
  }

  readAudit(query: AuditQuery): Promise<AuditEntry[]> {
    return this.#read('The audit log was not read', ({ audit }) => audit.read(query))
  }

  latestOfEachUser(document: string, action: AuditAction, limit: number): Promise<AuditEntry[]> {
    return this.#read('The audit log was not read', ({ audit }) => audit.latestOfEachUser(document, action, limit))
  }

  saveLink(link: StoredLink): Promise<void> {
    return this.#write('The link was not saved', ({ links }) => links.save(link))
  }

  findLink(id: string): Promise<StoredLink | null> {
    return this.#read('The link was not read', ({ links }) => links.find(id))
  }

  listLinks(document: string): Promise<StoredLink[]> {
    return this.#read('The links were not read', ({ links }) => links.list(document))
  }

  saveRevocation(revocation: StoredRevocation): Promise<void> {
    return this.#write('The revocation was not saved', ({ revocations }) => revocations.save(revocation))
  }

  listRevocations(): Promise<StoredRevocation[]> {
    return this.#read('The revocations were not read', ({ revocations }) => revocations.list())
  }

  tidy(): Promise<void> {
    return this.#write('Tidying failed', () => this.#housekeeping.tidy())
  }

  probe(): Promise<number> {
    return this.#write('The store cannot write', async (storage) => {
      storage.probe()
      await this.#housekeeping.retryFailed()
      return storage.journal.lastId
    })
  }

  mended(): Promise<readonly string[]> {
    return this.#read('The store was not read', (storage) => storage.mended)
  }

  /** To be called last: everything else has been answered. */
  async close(): Promise<void> {
    await this.#housekeeping.stop()
    try {
      await this.#write('Closing failed', (storage) => {
        storage.distribute()
        storage.wal.truncate()
      })
    } finally {
      if (this.#isDoubtful) this.#closeDoubtful()
      else this.#current?.database.close()
      this.#lock.release()
    }
  }

  #read<T>(what: string, action: (storage: Storage) => T | Promise<T>): Promise<T> {
    return this.#attempt(what, () => action(this.#readable()))
  }

  #write<T>(what: string, action: (storage: Storage) => T | Promise<T>): Promise<T> {
    return this.#attempt(what, () => action(this.#writable()))
  }

  async #attempt<T>(what: string, action: () => T | Promise<T>): Promise<T> {
    try {
      return await action()
    } catch (thrown) {
      this.#distrust(thrown)
      throw asStorageError(thrown, what)
    }
  }

  #readable(): Storage {
    const { folder } = this.#options
    this.#current ??= new Storage({ ...this.#options, file: join(folder, DATABASE_FILE) }, this.#state)
    return this.#current
  }

  #writable(): Storage {
    if (this.#isDoubtful) this.#renew()
    const storage = this.#readable()
    storage.makeWritable()
    return storage
  }

  /**
   * After an I/O error nobody knows what reached the disk, and the next fsync would say that all did. Nothing is written
   * any more until the connection was renewed; what is in memory is what was reported as written, and can be read.
   */
  #distrust(thrown: unknown): void {
    if (!isConnectionDoubtful(thrown) || this.#current === null) return
    this.#state = { ...this.#state, journalEnd: this.#current.journal.lastId }
    this.#isDoubtful = true
    void this.#checkpoints.endThread() // Until it has ended nothing is written.
  }

  /**
   * Once the disk takes writes again: opens the database anew, writes all of the write-ahead log to it, and reads and
   * checks the journal from the file.
   */
  #renew(): void {
    if (this.#checkpoints.hasThread) {
      throw new SyncError('storage-failed', 'After an error of the disk nothing is written yet.')
    }
    // What could be read before can be read until then.
    assertTakesWrites(this.#options.folder)
    this.#closeDoubtful()
    this.#readable().makeWritable()
    this.#isDoubtful = false
  }

  #closeDoubtful(): void {
    if (this.#current !== null) closeLeavingLog(this.#current.database)
    this.#current = null
  }
}
