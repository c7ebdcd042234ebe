/**
 * A store on a simulated disk, as slow and as broken as it is told to be: a journal that commits go to, moved to the
 * documents' logs now and then, and snapshots. Everything is done in the order in which it is asked for.
 *
 * Only what rooms ask for is here; the real store, and the real disk, are for the rows with processes.
 */
import { SyncError } from '../../shared/errors.ts'
import type { DocumentId, Seq } from '../../shared/ids.ts'
import type { StorageTrouble } from '../../shared/protocol.ts'
import { Coverage } from '../../shared/update/coverage.ts'
import { packUpdates, unpackUpdates } from '../../shared/update/pack.ts'
import { UpdateShape, walkUpdate } from '../../shared/update/walk.ts'
import { parcelOf } from '../../server/core/pieces.ts'
import type {
  Batch,
  ContentReading,
  LogSlice,
  NewSnapshot,
  OpenedDocument,
  SentContent,
  Store,
  StoredContent,
} from '../../server/ports/store.ts'
import type { Life, VirtualClock } from './clock.ts'
import type { Disk, Row } from './disk.ts'

/** How the disk fares; changed while it is in use. */
export interface DiskWeather {
  /** Nothing can be written, for this reason. */
  trouble: StorageTrouble | null
  /** Documents do not open either. */
  isUnreadable: boolean
  /** How long each thing takes at most. */
  worstMs: number
}

export interface DiskStoreOptions {
  readonly clock: VirtualClock
  readonly random: () => number
  /** Of the server that has it. */
  readonly life: Life
  readonly disk: Disk
  readonly weather: DiskWeather
  /** Commits in the journal from which on it is moved to the logs. */
  readonly distributeAfter: number
  /** A larger update, committed alone, takes a turn for each of its parts before it counts. */
  readonly partBytes: number
}

/** What rooms ask of a store. */
type RoomStore = Pick<Store, 'open' | 'commit' | 'content' | 'send' | 'read' | 'saveSnapshot' | 'log'>

class DiskStore implements RoomStore {
  readonly #options: DiskStoreOptions
  readonly #documents: string[] = []
  readonly #shape = new UpdateShape()
  /** By document: every update, the first one at 0. */
  readonly #logs = new Map<string, Uint8Array[]>()
  #freeAtMs = 0
  #lastRow = 0

  constructor(options: DiskStoreOptions) {
    this.#options = options
    const { journal, log } = options.disk.content
    for (const [document, updates] of log) {
      for (const seq of [...updates.keys()].sort((a, b) => a - b)) {
        this.#read({ document, seq, bytes: updates.get(seq) ?? new Uint8Array() })
      }
    }
    for (const id of [...journal.keys()].sort((a, b) => a - b)) {
      this.#lastRow = id
      for (const row of journal.get(id) ?? []) this.#read(row)
    }
  }

  open(document: DocumentId): Promise<OpenedDocument> {
    return this.#turn(() => {
      if (this.#options.weather.isUnreadable) throw new SyncError('storage-failed', 'The disk cannot be read.')
      let handle = this.#documents.indexOf(document)
      if (handle === -1) handle = this.#documents.push(document) - 1
      const log = this.#logOf(document)
      const snapshot = this.#options.disk.content.snapshots.get(document)
      const tail = log.slice(snapshot?.seq ?? 0)
      const coverage = snapshot === undefined ? Coverage.empty() : Coverage.decode(snapshot.coverage)
      for (const update of tail) {
        walkUpdate(update, this.#shape)
        coverage.add(this.#shape)
      }
      return {
        handle,
        head: log.length as Seq,
        coverage: coverage.encode(),
        snapshotBytes: snapshot?.chunks.reduce((sum, { length }) => sum + length, 0) ?? 0,
        tailBytes: tail.reduce((sum, { length }) => sum + length, 0),
        tailUpdates: tail.length,
        quarantine: null,
        isKept: false,
        isSnapshotDamaged: false,
        clientOwners: [],
      }
    })
  }

  async commit(batch: Batch): Promise<readonly Seq[]> {
    const { disk, weather, partBytes } = this.#options
    const documents = batch.documents.map(({ handle, updates }) => ({
      document: this.#documents[handle] ?? '',
      updates: updates.map(({ bytes }) => bytes.slice()),
    }))
    const isLarge = documents.length === 1 && documents[0]?.updates.length === 1
    const parts = isLarge ? Math.floor((documents[0]?.updates[0]?.length ?? 0) / partBytes) : 0
    for (let part = 0; part < parts; part++) await this.#turn(() => undefined)
    const written = this.#turn(() => {
      if (weather.trouble !== null) throw new SyncError(weather.trouble, 'The disk takes nothing.')
      const rows: Row[] = []
      const seqs = documents.map(({ document, updates }) => {
        const firstSeq = this.#logOf(document).length + 1
        updates.forEach((bytes, at) => rows.push({ document, seq: firstSeq + at, bytes }))
        return firstSeq as Seq
      })
      disk.write({ type: 'journal', id: ++this.#lastRow, rows })
      for (const row of rows) this.#read(row)
      return seqs
    })
    const flushed = this.#flush()
    const firstSeqs = await written
    await flushed
    if (disk.content.journal.size > this.#options.distributeAfter) void this.#distribute()
    return firstSeqs
  }

  content(handle: number): Promise<StoredContent> {
    return this.#turn(() => {
      const document = this.#documents[handle] ?? ''
      const log = this.#logOf(document)
      const snapshot = this.#options.disk.content.snapshots.get(document)
      return {
        seq: log.length as Seq,
        snapshot: snapshot?.chunks.map((chunk) => chunk.slice()) ?? [],
        tail: packUpdates(log.slice(snapshot?.seq ?? 0)),
      }
    })
  }

  async send(handle: number): Promise<SentContent> {
    const { seq, snapshot, tail } = await this.content(handle)
    const snapshotSeq = (seq - unpackUpdates(tail).length) as Seq
    return { seq, snapshotSeq, snapshot: parcelOf(snapshot), tail: parcelOf([tail]) }
  }

  async read(handle: number): Promise<ContentReading> {
    const { seq, snapshot, tail } = await this.content(handle)
    return { seq, snapshot: inTurns(snapshot), tail }
  }

  async saveSnapshot(handle: number, { chunks, ...sent }: NewSnapshot): Promise<void> {
    const { disk } = this.#options
    const snapshot = { ...sent, chunks: [...chunks] }
    const written = this.#turn(() => {
      const document = this.#documents[handle] ?? ''
      if (snapshot.seq > (disk.content.snapshots.get(document)?.seq ?? 0)) {
        disk.write({ type: 'snapshot', document, snapshot })
      }
    })
    const flushed = this.#flush()
    await written
    await flushed
  }

  log(handle: number, fromSeq: Seq, toSeq: Seq): Promise<LogSlice> {
    return this.#turn(() => {
      const log = this.#logOf(this.#documents[handle] ?? '')
      const to = Math.min(toSeq, log.length) as Seq
      return { fromSeq, toSeq: to, updates: packUpdates(log.slice(fromSeq - 1, to)) }
    })
  }

  /** Moves the journal to the logs. The journal has it until the logs do. */
  async #distribute(): Promise<void> {
    const { disk } = this.#options
    const upTo = this.#lastRow
    await this.#turn(() => disk.write({ type: 'log', rows: [...disk.content.journal.values()].flat() }))
    await this.#flush()
    await this.#turn(() => disk.write({ type: 'truncate', upTo }))
    await this.#flush()
  }

  #flush(): Promise<void> {
    return this.#turn(() => this.#options.disk.sync())
  }

  #read({ document, seq, bytes }: Row): void {
    this.#logOf(document)[seq - 1] = bytes
  }

  #logOf(document: string): Uint8Array[] {
    let log = this.#logs.get(document)
    if (log === undefined) this.#logs.set(document, (log = []))
    return log
  }

  /** Does `action` when its turn has come. */
  #turn<T>(action: () => T): Promise<T> {
    const { clock, life, random, weather } = this.#options
    this.#freeAtMs = Math.max(this.#freeAtMs, clock.nowMs) + random() * weather.worstMs
    return new Promise((resolve, reject) => {
      clock.in(this.#freeAtMs - clock.nowMs, life, () => {
        try {
          resolve(action())
        } catch (thrown) {
          // The store's own errors, which the caller is told.
          reject(thrown)
        }
      })
    })
  }
}

async function* inTurns(updates: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* updates
}

/** What is stored on `disk`. */
export function openDiskStore(options: DiskStoreOptions): Store {
  const store = new DiskStore(options)
  // Rooms ask for nothing else; if they come to, they are told that it is missing.
  return store as RoomStore as Store
}
