/**
 * A disk that keeps what it was told to flush, and of the rest, when the power goes, whatever it likes: some writes and
 * not others, in no order. What is on it are the rows of a journal, a log per document, and snapshots.
 */
import * as Y from 'yjs'
import type { NewSnapshot } from '../../server/ports/store.ts'
import { Coverage } from '../../shared/update/coverage.ts'
import { UpdateShape, walkUpdate } from '../../shared/update/walk.ts'

/** An update of a document, under its seq. */
export interface StoredSnapshot extends Omit<NewSnapshot, 'chunks'> {
  readonly chunks: readonly Uint8Array[]
}

export interface Row {
  readonly document: string
  readonly seq: number
  readonly bytes: Uint8Array
}

/** One write. The disk does each whole or not at all. */
export type Write =
  /** One commit. */
  | { readonly type: 'journal'; readonly id: number; readonly rows: readonly Row[] }
  /** What the journal holds up to a row is in the log, and taken from it. */
  | { readonly type: 'truncate'; readonly upTo: number }
  | { readonly type: 'log'; readonly rows: readonly Row[] }
  | { readonly type: 'snapshot'; readonly document: string; readonly snapshot: StoredSnapshot }

/** What a disk holds. */
export interface Platter {
  readonly journal: ReadonlyMap<number, readonly Row[]>
  /** By document, then by seq. */
  readonly log: ReadonlyMap<string, ReadonlyMap<number, Uint8Array>>
  readonly snapshots: ReadonlyMap<string, StoredSnapshot>
}

class Content implements Platter {
  readonly journal = new Map<number, readonly Row[]>()
  readonly log = new Map<string, Map<number, Uint8Array>>()
  readonly snapshots = new Map<string, StoredSnapshot>()

  apply(write: Write): void {
    switch (write.type) {
      case 'journal':
        this.journal.set(write.id, write.rows)
        break
      case 'truncate':
        for (const id of this.journal.keys()) if (id <= write.upTo) this.journal.delete(id)
        break
      case 'log':
        for (const { document, seq, bytes } of write.rows) {
          const log = this.log.get(document) ?? new Map<number, Uint8Array>()
          this.log.set(document, log.set(seq, bytes))
        }
        break
      case 'snapshot':
        this.snapshots.set(write.document, write.snapshot)
        break
    }
  }
}

/** What was flushed of a document. */
interface Kept {
  readonly coverage: Coverage
  readonly doc: Y.Doc
  /** What `doc` has not been given yet. */
  readonly unread: Uint8Array[]
}

export class Disk {
  readonly #random: () => number
  readonly #durable = new Content()
  /** What is read while there is power: writes count at once. */
  #cached = new Content()
  readonly #unsynced: Write[] = []
  #onWrite: () => void = () => undefined
  readonly #shape = new UpdateShape()
  /** By document, what was flushed: nothing else counts as saved. */
  readonly #kept = new Map<string, Kept>()

  constructor(random: () => number) {
    this.#random = random
  }

  get content(): Platter {
    return this.#cached
  }

  write(write: Write): void {
    this.#cached.apply(write)
    this.#unsynced.push(write)
    this.#onWrite()
  }

  /** Calls `listener` at every write from now on. */
  set onWrite(listener: () => void) {
    this.#onWrite = listener
  }

  /** Everything written before is kept, whatever comes. */
  sync(): void {
    for (const write of this.#unsynced.splice(0)) this.#keep(write)
  }

  /** The power goes, and comes back. */
  crash(): void {
    for (const write of this.#unsynced.splice(0)) if (this.#random() < 0.5) this.#keep(write)
    this.#cached = new Content()
    // Each write has all it needs, so what is kept can be put together again from its parts.
    for (const [id, rows] of this.#durable.journal) this.#cached.apply({ type: 'journal', id, rows })
    for (const [document, log] of this.#durable.log) {
      const rows = [...log].map(([seq, bytes]) => ({ document, seq, bytes }))
      this.#cached.apply({ type: 'log', rows })
    }
    for (const [document, snapshot] of this.#durable.snapshots) {
      this.#cached.apply({ type: 'snapshot', document, snapshot })
    }
  }

  /** Whether all that `update` holds was flushed as a part of `document`. */
  keeps(document: string, update: Uint8Array): boolean {
    return this.#isKnown(update, this.#kept.get(document)?.coverage ?? Coverage.empty())
  }

  /** The same, and what follows from it by itself: whoever overwrites a value deletes the one before without saying so. */
  implies(document: string, update: Uint8Array): boolean {
    if (this.keeps(document, update)) return true
    return this.#isKnown(update, Coverage.decode(Y.encodeSnapshot(Y.snapshot(this.documentOf(document)))))
  }

  /** What was flushed of `document`, as anybody would see it. */
  documentOf(document: string): Y.Doc {
    const kept = this.#kept.get(document)
    if (kept === undefined) return new Y.Doc()
    for (const unread of kept.unread.splice(0)) Y.applyUpdate(kept.doc, unread)
    return kept.doc
  }

  #isKnown(update: Uint8Array, coverage: Coverage): boolean {
    try {
      walkUpdate(update, this.#shape)
    } catch {
      // With gaps: whoever has it was not shown what it builds on.
      return false
    }
    return coverage.relation(this.#shape) === 'known'
  }

  #keep(write: Write): void {
    this.#durable.apply(write)
    if (write.type !== 'journal') return
    for (const { document, bytes } of write.rows) {
      let kept = this.#kept.get(document)
      if (kept === undefined)
        this.#kept.set(document, (kept = { coverage: Coverage.empty(), doc: new Y.Doc(), unread: [] }))
      walkUpdate(bytes, this.#shape)
      kept.coverage.add(this.#shape)
      kept.unread.push(bytes)
    }
  }
}
