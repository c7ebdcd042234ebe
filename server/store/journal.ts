/**
 * The journal: one row per commit, whatever number of documents it wrote, and the same in memory until it is
 * distributed to the documents' segments.
 *
 * Distribution goes in steps, between which commits go on: each moves some sections and with them the heads of their
 * documents, the last one also removes the rows. A section at or below its document's head has been moved.
 *
 * Row ids are gap-free and each row's checksum carries on the one before, across distributions: a row that was
 * lost, changed or put elsewhere is seen when the journal is loaded.
 */
import { SyncError } from '../../shared/errors.ts'
import type { PendingUpdate } from '../ports/store.ts'
import { carryChecksum } from './checksum.ts'
import { damaged, reasonOf } from './damage.ts'
import type { SqliteDatabase } from './database.ts'
import { distributeSections, type SegmentLimits } from './distribution.ts'
import type { Documents } from './documents.ts'
import { directoryOf, readSections, sealPayload, sectionChecksum, segmentOf, type Section } from './journal-payload.ts'
import { readLargeRun } from './large-run.ts'
import type { Parts } from './parts.ts'
import { decodeSegment, Encoding, readTimes, type Segment } from './segment-format.ts'
import type { Segments, StoredRun } from './segments.ts'

interface JournalRow {
  readonly id: number
  readonly payload: Uint8Array
  readonly checksum: number
  /** How its runs are encoded. */
  readonly encoding: number
}

/** The rows that are being distributed: all there were when it began. */
interface Leaving {
  readonly id: number
  readonly checksum: number
  readonly rows: number
  readonly bytes: number
  /** How many sections of each document are still to be moved. */
  readonly sections: Map<number, number>
}

/** What one step of distribution moves at most: two milliseconds' work, for which commits wait. */
const STEP_DOCUMENTS = 64
const STEP_UPDATES = 2_048
const STEP_BYTES = 256 * 1024

export class Journal {
  readonly #database: SqliteDatabase
  readonly #statements: ReturnType<typeof prepare>
  readonly #documents: Documents
  readonly #segments: Segments
  readonly #parts: Parts
  readonly #sections = new Map<number, Section[]>()
  #leaving: Leaving | null = null
  #lastId = 0
  #checksum = 0
  #rows = 0
  #bytes = 0

  constructor(database: SqliteDatabase, documents: Documents, segments: Segments, parts: Parts) {
    this.#database = database
    this.#statements = prepare(database)
    this.#documents = documents
    this.#segments = segments
    this.#parts = parts
  }

  get rows(): number {
    return this.#rows
  }

  get bytes(): number {
    return this.#bytes
  }

  /** The id of the last committed row. */
  get lastId(): number {
    return this.#lastId
  }

  /** Ids of the documents that have updates here. */
  get documents(): number[] {
    return [...this.#sections.keys()]
  }

  /** Whether a distribution was begun and is not finished. */
  get isDistributing(): boolean {
    return this.#leaving !== null
  }

  /** The document's last committed seq, here or in its segments. */
  headOf(document: number): number {
    const last = this.#sections.get(document)?.at(-1)
    if (last !== undefined) return lastSeqOf(last)
    return this.#documents.row(document)?.head_seq ?? 0
  }

  /**
   * Reads what a crash left behind. Damage to one document's updates stays with that document and shows when they
   * are read; throws `storage-corrupt` when it cannot be told whose updates are damaged or missing. Rows after `end` are
   * left out: a commit that was reported as failed, yet reached the file. Null: all rows count.
   */
  load(end: number | null): void {
    const distributed = this.#statements.distributed.get()
    if (distributed === undefined) throw new SyncError('storage-corrupt', 'The row of table "store" is missing.')
    this.#lastId = distributed.id
    this.#checksum = distributed.checksum
    for (const row of this.#statements.upTo.all(end ?? Number.MAX_SAFE_INTEGER)) {
      if (row.id !== this.#lastId + 1) throw lostRow(this.#lastId + 1)
      const sections = this.#readRow(row)
      this.#lastId = row.id
      this.#checksum = row.checksum
      this.#remember(
        sections.filter((section) => !this.#isMoved(section)),
        row.payload.length,
      )
    }
    // A commit that was reported as done is gone.
    if (end !== null && this.#lastId < end) throw lostRow(this.#lastId + 1)
  }

  /** Deletes the rows that `load` left out. */
  dropRest(): void {
    this.#database.transaction(() => {
      for (const { payload } of this.#statements.largeAfter.all(this.#lastId)) {
        for (const { run } of readSections(payload, Encoding.large)) this.#parts.disown(readLargeRun(run).id)
      }
      this.#statements.removeAfter.run(this.#lastId)
    })()
  }

  /**
   * Writes one row, whose runs are encoded as `encoding` says, in one transaction with the rows of documents it is the
   * first to write, and what `also` writes; returns first seqs.
   */
  commit(payload: Uint8Array, also: (() => void) | null = null, encoding: number = Encoding.run): number[] {
    const created: number[] = []
    const sections = sealPayload(payload, encoding, ({ document }) => {
      if (!this.#sections.has(document) && this.#documents.row(document) === null) created.push(document)
      return this.headOf(document) + 1
    })
    const checksum = carryChecksum(this.#checksum, directoryOf(payload))
    const id = this.#lastId + 1
    const row = { id, payload, checksum, encoding }
    if (created.length === 0 && also === null) this.#insert(row)
    else
      this.#database.transaction(() => {
        this.#create(created, sections)
        also?.()
        this.#insert(row)
      })()
    this.#lastId = id
    this.#checksum = checksum
    this.#documents.confirm(created)
    this.#remember(sections, payload.length)
    return sections.map(({ firstSeq }) => firstSeq)
  }

  /** The document's updates from `seq` on that are still here: at least one, at most about `maxUpdates`. */
  read(document: number, seq: number, maxUpdates: number): StoredRun {
    const sections = this.#sections.get(document) ?? []
    let index = sections.findLastIndex(({ firstSeq }) => firstSeq <= seq)
    const firstSeq = sections[index]?.firstSeq ?? seq
    const updates: PendingUpdate[] = []
    for (; updates.length < maxUpdates; index++) {
      const section = sections[index]
      if (section === undefined || section.firstSeq !== firstSeq + updates.length) break
      for (const update of this.#checked(section, (sound) => decodeSegment(sound, this.#parts))) updates.push(update)
    }
    if (firstSeq + updates.length > seq) return { firstSeq, updates }
    throw damaged(this.#documents.describe(document), `seq ${seq}`, 'the update is missing')
  }

  /** When the document's last update was taken, as far as it is here; null when none is. */
  lastAtMs(document: number): number | null {
    const last = this.#sections.get(document)?.at(-1)
    return last === undefined ? null : (this.#checked(last, readTimes).at(-1) ?? null)
  }

  /** The seq of the document's last update here at or before `timeMs`, or null. */
  seqAt(document: number, timeMs: number): number | null {
    for (const section of (this.#sections.get(document) ?? []).toReversed()) {
      const index = this.#checked(section, readTimes).findLastIndex((atMs) => atMs <= timeMs)
      if (index !== -1) return section.firstSeq + index
    }
    return null
  }

  /**
   * Moves a part of the journal to the documents' segments, in one transaction; returns the documents it moved
   * something of. What was committed after the first step of a distribution waits for the next one.
   */
  distributeStep(limits: SegmentLimits): number[] {
    if (this.#rows === 0) return []
    this.#leaving ??= {
      id: this.#lastId,
      checksum: this.#checksum,
      rows: this.#rows,
      bytes: this.#bytes,
      sections: new Map([...this.#sections].map(([document, sections]) => [document, sections.length])),
    }
    const leaving = this.#leaving
    const step = this.#nextStep(leaving)
    const isLast =
      step.size === leaving.sections.size &&
      [...step].every(([document, { length }]) => leaving.sections.get(document) === length)
    this.#database.transaction(() => {
      distributeSections(step, { documents: this.#documents, segments: this.#segments, limits })
      if (!isLast) return
      this.#statements.setDistributed.run(leaving.id, leaving.checksum)
      this.#statements.clear.run(leaving.id)
    })()
    this.#forget(step, leaving)
    if (isLast) {
      this.#leaving = null
      this.#rows -= leaving.rows
      this.#bytes -= leaving.bytes
    }
    return [...step.keys()]
  }

  /** The oldest sections of a few documents. */
  #nextStep(leaving: Leaving): Map<number, readonly Section[]> {
    const step = new Map<number, readonly Section[]>()
    let updates = 0
    let bytes = 0
    for (const [document, left] of leaving.sections) {
      const sections = this.#sections.get(document)?.slice(0, left) ?? []
      const full = sections.findIndex((section) => {
        updates += section.updates
        bytes += section.run.length
        return updates >= STEP_UPDATES || bytes >= STEP_BYTES
      })
      step.set(document, full === -1 ? sections : sections.slice(0, full + 1))
      if (full !== -1 || step.size === STEP_DOCUMENTS) break
    }
    return step
  }

  /** Forgets sections that have been moved. */
  #forget(step: ReadonlyMap<number, readonly Section[]>, leaving: Leaving): void {
    for (const [document, { length }] of step) {
      const kept = this.#sections.get(document)?.slice(length) ?? []
      if (kept.length > 0) this.#sections.set(document, kept)
      else this.#sections.delete(document)
      const left = (leaving.sections.get(document) ?? 0) - length
      if (left > 0) leaving.sections.set(document, left)
      else leaving.sections.delete(document)
    }
  }

  #create(documents: readonly number[], sections: readonly Section[]): void {
    if (documents.length === 0) return
    for (const section of sections) {
      if (!documents.includes(section.document)) continue
      this.#documents.insert(section.document, readTimes(segmentOf(section))[0] ?? 0)
    }
  }

  #insert({ id, payload, checksum, encoding }: JournalRow): void {
    this.#statements.insert.run(id, payload, checksum, encoding)
  }

  #readRow({ id, payload, checksum, encoding }: JournalRow): Section[] {
    const sections = readSections(payload, encoding)
    const isSound = carryChecksum(this.#checksum, directoryOf(payload)) === checksum
    // Else the directory or the checksum itself is damaged. As long as every section begins where its document ends,
    // or has been moved, and their lengths add up, the sections' own checksums tell whose updates are affected.
    const isPlausible = (): boolean =>
      isComplete(payload, sections) &&
      sections.every((section) => section.firstSeq === this.headOf(section.document) + 1 || this.#isMoved(section))
    if (sections.every(({ document }) => this.#documents.has(document)) && (isSound || isPlausible())) return sections
    throw new SyncError(
      'storage-corrupt',
      `Row ${id} of the journal is damaged and does not tell whose updates it holds; restore a backup.`,
    )
  }

  /** Whether a distribution that was cut short has moved the section. */
  #isMoved(section: Section): boolean {
    return lastSeqOf(section) <= (this.#documents.row(section.document)?.head_seq ?? 0)
  }

  #remember(sections: readonly Section[], bytes: number): void {
    for (const section of sections) {
      const known = this.#sections.get(section.document)
      if (known === undefined) this.#sections.set(section.document, [section])
      else known.push(section)
    }
    this.#rows++
    this.#bytes += bytes
  }

  #checked<T>(section: Section, read: (segment: Segment) => T): T {
    const where = `seqs ${section.firstSeq}–${section.firstSeq + section.updates - 1}`
    if (sectionChecksum(section) !== section.checksum) {
      throw damaged(this.#documents.describe(section.document), where, 'the checksum does not fit')
    }
    try {
      return read(segmentOf(section))
    } catch (thrown) {
      throw damaged(this.#documents.describe(section.document), where, reasonOf(thrown), thrown)
    }
  }
}

function lastSeqOf({ firstSeq, updates }: Section): number {
  return firstSeq + updates - 1
}

function isComplete(payload: Uint8Array, sections: readonly Section[]): boolean {
  return sections.reduce((end, { run }) => end + run.length, directoryOf(payload).length) === payload.length
}

function lostRow(id: number): SyncError {
  return new SyncError(
    'storage-corrupt',
    `Row ${id} of the journal is missing, and with it updates that were saved; restore a backup.`,
  )
}

function prepare(database: SqliteDatabase) {
  return {
    distributed: database.prepare<[], { id: number; checksum: number }>(
      'SELECT journal_id AS id, journal_checksum AS checksum FROM store',
    ),
    setDistributed: database.prepare<[number, number]>('UPDATE store SET journal_id = ?, journal_checksum = ?'),
    upTo: database.prepare<[number], JournalRow>(
      'SELECT id, payload, checksum, encoding FROM journal WHERE id <= ? ORDER BY id',
    ),
    largeAfter: database.prepare<[number], Pick<JournalRow, 'payload'>>(
      `SELECT payload FROM journal WHERE id > ? AND encoding = ${Encoding.large}`,
    ),
    insert: database.prepare<[number, Uint8Array, number, number]>(
      'INSERT INTO journal (id, payload, checksum, encoding) VALUES (?, ?, ?, ?)',
    ),
    clear: database.prepare<[number]>('DELETE FROM journal WHERE id <= ?'),
    removeAfter: database.prepare<[number]>('DELETE FROM journal WHERE id > ?'),
  }
}
