/**
 * The store in a folder, on SQLite. This is its main-thread side: it encodes, asks the storage thread, and knows
 * nothing of SQLite itself.
 */
import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { SyncError } from '../../shared/errors.ts'
import type { DocumentId, Seq } from '../../shared/ids.ts'
import type { DocumentSummary, TimelineEntry, VerifyReport } from '../../shared/rest.ts'
import type { AuditStore } from '../ports/audit.ts'
import type { LinkStore } from '../ports/link-store.ts'
import type { Parcel } from '../ports/parcel.ts'
import type { RevocationStore } from '../ports/revocation-store.ts'
import type {
  Batch,
  ContentReading,
  LogSlice,
  NewSnapshot,
  OpenedDocument,
  PendingUpdate,
  Quarantine,
  SentContent,
  Store,
  StoredContent,
} from '../ports/store.ts'
import { ReceivedParcel, sendParcel } from '../threads/parcel.ts'
import { release } from '../threads/release.ts'
import { checkFile } from './checker.ts'
import { DATABASE_FILE, type Committed } from './engine-calls.ts'
import { encodeBatch, encodeLarge } from './journal-payload.ts'
import { defaultOptions, type SqliteStoreOptions } from './options.ts'
import { StorageThread } from './storage-thread.ts'
import type { ThreadData } from './thread.ts'

/**
 * Of the storage thread. What a commit leaves behind is garbage before the next one: with 4 MB for young objects, a third of this, it
 * writes as much a second as with V8's 16, and the process is 8 to 12 MB smaller. With 2 MB it writes an eighth less (bench, S1 and S4).
 */
const HEAP = { maxYoungGenerationSizeMb: 12 }

/** Everything that is kept in a data folder. */
export interface FolderStore extends Store {
  readonly audit: AuditStore
  readonly links: LinkStore
  readonly revocations: RevocationStore
  /** Damage to the write-ahead log that was mended when it was opened, a sentence each. Nothing was lost by it. */
  mended(): Promise<readonly string[]>
}

/**
 * Opens the store in `options.folder` and resolves when it can write, or when its disk is full and it can only be read
 * until there is room. Rejects `storage-locked` when another process has
 * the folder, `storage-corrupt` when what is stored does not add up, `unsupported-runtime` when SQLite does not load
 * or a newer Weft wrote the folder.
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<FolderStore> {
  const store = new SqliteStore({ ...defaultOptions, ...options })
  try {
    await store.probe()
  } catch (thrown) {
    if (await isOnlyFull(store, thrown)) return store
    // Its thread may be running; what it cannot do on its way out is no news after this.
    await Promise.allSettled([store.close()])
    throw thrown
  }
  return store
}

/** Whether all that is wrong is that there is no room to write. */
async function isOnlyFull(store: Store, thrown: unknown): Promise<boolean> {
  if (!(thrown instanceof SyncError) || thrown.code !== 'storage-full') return false
  const canRead = store.list(1).then(() => true)
  return canRead.catch(() => false)
}

class SqliteStore implements FolderStore {
  readonly audit: AuditStore = {
    append: (events) => this.#run(() => this.#thread.call('appendAudit', [events])),
    read: (query) => this.#run(() => this.#thread.call('readAudit', [query])),
    latestOfEachUser: (...query) => this.#run(() => this.#thread.call('latestOfEachUser', query)),
  }
  readonly links: LinkStore = {
    save: (link) => this.#run(() => this.#thread.call('saveLink', [link])),
    find: (id) => this.#run(() => this.#thread.call('findLink', [id])),
    list: (document) => this.#run(() => this.#thread.call('listLinks', [document])),
  }
  readonly revocations: RevocationStore = {
    save: (revocation) => this.#run(() => this.#thread.call('saveRevocation', [revocation])),
    list: () => this.#run(() => this.#thread.call('listRevocations', [])),
  }
  readonly #file: string
  readonly #partBytes: number
  readonly #thread: StorageThread
  /** Handles without a row: only the thread and this know them, and the thread may die. */
  readonly #unwritten = new Map<number, DocumentId>()
  /**
   * The number of the last commit that was reported. A thread that died may have written one more; the next thread
   * undoes it, as whoever asked for it was told that it failed and asks again.
   */
  #lastCommit: number | null = null
  readonly #running = new Set<Promise<unknown>>()
  #closing: Promise<void> | null = null

  constructor(options: Required<SqliteStoreOptions>) {
    this.#file = join(options.folder, DATABASE_FILE)
    this.#partBytes = options.partBytes
    this.#thread = new StorageThread(() => {
      const workerData: ThreadData = { options, reserved: [...this.#unwritten], journalEnd: this.#lastCommit }
      const start = { workerData, name: 'weft-storage', resourceLimits: HEAP }
      return new Worker(new URL('./thread.js', import.meta.url), start)
    }, options.maxThreadDeathsPerMinute)
  }

  open(document: DocumentId): Promise<OpenedDocument> {
    return this.#run(async () => {
      const opened = await this.#thread.call('open', [document])
      if (opened.head === 0) this.#unwritten.set(opened.handle, document)
      return opened
    })
  }

  commit(batch: Batch): Promise<readonly Seq[]> {
    return this.#run(async () => {
      if (batch.documents.length === 0) return []
      const { number, firstSeqs } = await this.#write(batch)
      this.#lastCommit = number
      for (const { handle } of batch.documents) this.#unwritten.delete(handle)
      return firstSeqs
    })
  }

  #write(batch: Batch): Promise<Committed> {
    const { owners = [] } = batch
    const large = largeUpdateIn(batch, this.#partBytes)
    if (large === null) {
      const payload = encodeBatch(batch)
      return this.#thread.call('commit', [payload, owners], [payload.buffer])
    }
    const payload = encodeLarge(large.handle, large.update)
    const bytes = new Uint8Array(large.update.bytes)
    return this.#thread.call('commitLarge', [{ payload, bytes, owners }], [payload.buffer, bytes.buffer])
  }

  content(handle: number, scope: 'served' | 'all' = 'served'): Promise<StoredContent> {
    return this.#run(() => this.#thread.call('content', [handle, scope]))
  }

  send(handle: number, scope: 'served' | 'all' = 'served'): Promise<SentContent> {
    return this.#run(async () => {
      const { snapshot, tail, ...seqs } = await this.#thread.call('send', [handle, scope])
      return { ...seqs, snapshot: new ReceivedParcel(snapshot), tail: new ReceivedParcel(tail) }
    })
  }

  read(handle: number): Promise<ContentReading> {
    return this.#run(async () => {
      const { reading, ...content } = await this.#thread.call('beginReading', [handle])
      return { ...content, snapshot: this.#updatesOf(reading) }
    })
  }

  async *#updatesOf(reading: number): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        const updates = await this.#run(() => this.#thread.call('readOn', [reading]))
        if (updates.length === 0) return
        for (const update of updates) {
          yield update
          release(update)
        }
      }
    } finally {
      // A thread that died has forgotten it.
      void this.#run(() => this.#thread.call('endReading', [reading])).catch(() => undefined)
    }
  }

  quarantine(handle: number, quarantine: Quarantine): Promise<void> {
    return this.#run(() => this.#thread.call('quarantine', [handle, quarantine]))
  }

  liftQuarantine(handle: number, keep: boolean): Promise<void> {
    return this.#run(() => this.#thread.call('liftQuarantine', [handle, keep]))
  }

  dropUpdates(handle: number, seqs: readonly number[], by: string): Promise<void> {
    return this.#run(() => this.#thread.call('dropUpdates', [handle, seqs, by]))
  }

  quarantined(): Promise<readonly { readonly document: string; readonly quarantine: Quarantine }[]> {
    return this.#run(() => this.#thread.call('quarantined', []))
  }

  saveSnapshot(handle: number, snapshot: NewSnapshot): Promise<void> {
    return this.#run(() => {
      const chunks = sendParcel(snapshot.chunks)
      return this.#thread.call('saveSnapshot', [handle, { ...snapshot, chunks }], [chunks.port])
    })
  }

  handle(document: DocumentId): Promise<number> {
    return this.#run(() => this.#thread.call('handle', [document]))
  }

  forgetSnapshot(handle: number): Promise<void> {
    return this.#run(() => this.#thread.call('forgetSnapshot', [handle]))
  }

  log(handle: number, fromSeq: Seq, toSeq: Seq, scope: 'served' | 'all' = 'served'): Promise<LogSlice> {
    return this.#run(() => this.#thread.call('log', [handle, fromSeq, toSeq, scope]))
  }

  sendLog(handle: number, fromSeq: Seq, toSeq: Seq): Promise<Parcel> {
    return this.#run(async () => new ReceivedParcel(await this.#thread.call('sendLog', [handle, fromSeq, toSeq])))
  }

  seqAt(handle: number, timeMs: number): Promise<Seq> {
    return this.#run(() => this.#thread.call('seqAt', [handle, timeMs]))
  }

  timeline(
    handle: number,
    options: { readonly pauseMs: number; readonly limit: number },
  ): Promise<readonly TimelineEntry[]> {
    return this.#run(() => this.#thread.call('timeline', [handle, options]))
  }

  list(limit: number): Promise<readonly DocumentSummary[]> {
    return this.#run(() => this.#thread.call('list', [limit]))
  }

  backup(file: string): Promise<{ readonly bytes: number }> {
    return this.#run(async () => {
      if (existsSync(file))
        throw new SyncError('invalid-request', `${file} exists; choose another name for the backup.`)
      // Under its own name only when it is whole and checked.
      const partial = `${file}.partial`
      rmSync(partial, { force: true })
      try {
        await this.#thread.call('copyTo', [partial])
        const { problems } = await checkFile(partial)
        const first = problems[0]
        if (first !== undefined) {
          const problem = `${first.document === '' ? '' : `${JSON.stringify(first.document)}: `}${first.problem}`
          throw new SyncError('storage-corrupt', `The copy has ${problems.length} problems; the first: ${problem}.`)
        }
        renameSync(partial, file)
        syncFolder(dirname(file))
      } finally {
        rmSync(partial, { force: true })
      }
      return { bytes: statSync(file).size }
    })
  }

  verify(): Promise<VerifyReport> {
    return this.#run(() => checkFile(this.#file))
  }

  tidy(): Promise<void> {
    return this.#run(() => this.#thread.call('tidy', []))
  }

  probe(): Promise<void> {
    return this.#run(async () => {
      const number = await this.#thread.call('probe', [])
      this.#lastCommit ??= number
    })
  }

  mended(): Promise<readonly string[]> {
    return this.#run(() => this.#thread.call('mended', []))
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    await Promise.allSettled(this.#running)
    await this.#thread.close()
  }

  /** Runs `action` unless the store is closing, and keeps closing waiting for it. */
  async #run<T>(action: () => Promise<T>): Promise<T> {
    if (this.#closing !== null) throw new SyncError('shutting-down', 'The store is closing.')
    const running = action()
    this.#running.add(running)
    try {
      return await running
    } finally {
      this.#running.delete(running)
    }
  }
}

/** The one update of `batch`, when it is larger than a part; null for any other batch. */
function largeUpdateIn(
  { documents }: Batch,
  partBytes: number,
): { readonly handle: number; readonly update: PendingUpdate } | null {
  const [document] = documents
  const [update] = document?.updates ?? []
  if (document === undefined || update === undefined || update.bytes.length <= partBytes) return null
  return documents.length === 1 && document.updates.length === 1 ? { handle: document.handle, update } : null
}

/** Makes a renamed file's name as durable as its content. */
function syncFolder(folder: string): void {
  const descriptor = openSync(folder, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
