/**
 * The rooms of this process: opened once, shared by everybody who joins, closed when idle.
 *
 * A failed load opens no room: nobody ever sees a blank document over a good one.
 */
import { CloseCode } from '../../shared/close-codes.ts'
import { SyncError } from '../../shared/errors.ts'
import type { DocumentId, Seq } from '../../shared/ids.ts'
import { UpdateShape } from '../../shared/update/walk.ts'
import type { Compute } from '../ports/compute.ts'
import type { Connection } from '../ports/connection.ts'
import type { Dialect } from '../ports/dialect.ts'
import type { Log } from '../ports/log.ts'
import type { Parcel } from '../ports/parcel.ts'
import type { Author, DocumentClientOwner, Store } from '../ports/store.ts'
import { Answers } from './answers.ts'
import { Committer, type CommitTrouble } from './committer.ts'
import { Compactor } from './compactor.ts'
import { Inspector } from './inspector.ts'
import type { CoreOptions } from './options.ts'
import type { LiveGrant } from './live-grant.ts'
import { Room, type RoomDependencies } from './room.ts'
import { Session } from './session.ts'

/** As many as are looked at in one job, and few enough for a large document to wait for its commits in between. */
const PIECES_AT_ONCE = 16

/** A room stays a quarter longer than it has to, at most. */
const SWEEPS_PER_IDLE_TIME = 4

export interface SessionRequest {
  readonly connection: Connection
  readonly dialect: Dialect
  readonly access: LiveGrant
}

export interface RoomsDependencies {
  readonly store: Store
  readonly compute: Compute
  readonly log: Log
  readonly options: CoreOptions
  /** Called when the last room was unloaded because nobody needed it any more. */
  readonly emptied?: () => void
}

export class Rooms {
  readonly #store: Store
  readonly #log: Log
  readonly #options: CoreOptions
  readonly #emptied: (() => void) | undefined
  readonly #committer: Committer
  readonly #compactor: Compactor
  readonly #answers: Answers
  readonly #rooms = new Map<DocumentId, Room>()
  readonly #opening = new Map<DocumentId, Promise<Room>>()
  readonly #roomDependencies: RoomDependencies
  readonly #sweep: ReturnType<typeof setInterval>
  /** Owners of client ids that are not yet stored. */
  readonly #claimed = new Set<DocumentClientOwner>()
  #isClosing = false

  constructor({ store, compute, log, options, emptied }: RoomsDependencies) {
    this.#store = store
    this.#emptied = emptied
    this.#log = log
    this.#options = options
    const withOwners: Pick<Store, 'commit'> = {
      commit: async (batch) => {
        const owners = [...this.#claimed]
        const firstSeqs = await store.commit({ ...batch, owners })
        for (const owner of owners) this.#claimed.delete(owner)
        return firstSeqs
      },
    }
    this.#committer = new Committer(withOwners, log, options, (trouble) => {
      for (const room of this.#rooms.values()) room.storageChanged(trouble)
    })
    const inspector = new Inspector({ store, compute, log, reopen: (room) => this.#reopen(room) })
    this.#compactor = new Compactor({ store, compute, log, options, inspector })
    this.#answers = new Answers(store, compute, options)
    this.#roomDependencies = {
      committer: this.#committer,
      compute,
      answers: this.#answers,
      options,
      shape: new UpdateShape(),
      claimed: ({ handle }, owners) => {
        for (const owner of owners) this.#claimed.add({ ...owner, handle })
      },
      onChange: (room) => this.#changed(room),
    }
    this.#sweep = setInterval(() => this.#unloadIdle(), options.roomIdleMs / SWEEPS_PER_IDLE_TIME)
  }

  get open(): number {
    return this.#rooms.size
  }

  /** Why commits fail; null while the store can write. */
  get trouble(): CommitTrouble | null {
    return this.#committer.trouble
  }

  /** The room of a document, loaded when it is not open yet. Rejects with the store's error, or `shutting-down`. */
  async load(document: DocumentId): Promise<Room> {
    const room = this.#rooms.get(document)
    if (room !== undefined) {
      room.expect()
      return room
    }
    let opening = this.#opening.get(document)
    if (opening === undefined) {
      opening = this.#open(document).finally(() => this.#opening.delete(document))
      this.#opening.set(document, opening)
    }
    return opening
  }

  /**
   * Starts a session of an authorised client in a loaded room. Throws `overloaded` when the room was unloaded
   * since: two rooms of one document would not see each other's updates; and what ended the client's access since.
   */
  startSession(room: Room, { connection, dialect, access }: SessionRequest): Session {
    if (this.#rooms.get(room.document) !== room) {
      throw new SyncError('overloaded', `Document ${room.document} was unloaded while it was joined; try again.`)
    }
    const session = new Session({
      room,
      answers: this.#answers,
      connection,
      dialect,
      access,
      log: this.#log,
      options: this.#options,
    })
    session.start()
    if (this.trouble !== null) session.storageChanged(this.trouble.code)
    return session
  }

  /** Everything committed of a document, as one update, cut in pieces anywhere. */
  async read(document: DocumentId): Promise<Parcel> {
    return this.#answers.whole(await this.load(document))
  }

  /**
   * Writes an update that comes from no session; resolves with its seq when it is on disk. Rejects `storage-full` or
   * `storage-failed` at once while commits fail: nobody there would wait as long as a client does.
   */
  async write(document: DocumentId, update: Uint8Array, author: Author): Promise<Seq> {
    const room = await this.#loadWritable(document)
    const writer = { author, owner: null, writableRoots: null }
    const taken = room.submit(update, writer)
    const position = taken === 'unverified' ? await room.verify(update, writer) : taken
    return room.whenCommitted(presentPosition(position))
  }

  /** As `write`, for the pieces of one document in order: several are tried out at once, since each trial reads all of it. */
  async writePieces(document: DocumentId, updates: readonly Uint8Array[], author: Author): Promise<void> {
    const [first] = updates
    if (first !== undefined && updates.length === 1) return void (await this.write(document, first, author))
    const writer = { author, owner: null, writableRoots: null }
    for (let at = 0; at < updates.length; at += PIECES_AT_ONCE) {
      const room = await this.#loadWritable(document)
      const pieces = updates.slice(at, at + PIECES_AT_ONCE)
      const positions = await Promise.all(pieces.map((update) => room.verify(update, writer)))
      await room.whenCommitted(Math.max(...positions.map(presentPosition)))
    }
  }

  /** Those of `updates` that hold something the document does not have yet. Rejects `malformed-update`. */
  async lacking(document: DocumentId, updates: readonly Uint8Array[]): Promise<readonly Uint8Array[]> {
    const room = await this.load(document)
    const lacking: Uint8Array[] = []
    for (const update of updates) {
      if (room.lacks(update)) lacking.push(update)
      // A large document has many pieces, and others are typing.
      await new Promise((resolve) => setImmediate(resolve))
    }
    return lacking
  }

  /** Resolves when everything accepted so far is on disk. */
  whenCommitted(): Promise<void> {
    return this.#committer.whenIdle()
  }

  /** Ends all sessions with a code that brings clients back, after everything accepted is on disk. */
  async close(): Promise<void> {
    this.#isClosing = true
    clearInterval(this.#sweep)
    await Promise.allSettled(this.#opening.values())
    await this.#committer.whenIdle()
    for (const room of this.#rooms.values()) room.close(CloseCode.restarting, 'restarting')
    await this.#committer.whenIdle()
    await this.#compactor.close()
    this.#rooms.clear()
  }

  async #loadWritable(document: DocumentId): Promise<Room> {
    if (this.trouble !== null) {
      throw new SyncError(this.trouble.code, 'The server cannot write at the moment; try again in a while.')
    }
    const room = await this.load(document)
    if (room.quarantine !== null) {
      throw new SyncError('quarantined', `Document ${document} can only be read until an operator has repaired it.`)
    }
    return room
  }

  async #open(document: DocumentId): Promise<Room> {
    if (this.#isClosing) throw new SyncError('shutting-down', 'The server is stopping; connect again in a moment.')
    const opened = await this.#store.open(document)
    const room = new Room(document, opened, this.#roomDependencies)
    this.#rooms.set(document, room)
    if (opened.isSnapshotDamaged) {
      this.#log.warn('snapshot is damaged; the document is read from its log and gets another', { document })
      this.#compactor.consider(room)
    }
    return room
  }

  /** Sends everybody who has the document open away to come back to it as the store has it now. */
  async reopen(document: DocumentId): Promise<void> {
    await this.#opening.get(document)
    const room = this.#rooms.get(document)
    if (room !== undefined) this.#reopen(room)
  }

  #reopen(room: Room): void {
    if (this.#rooms.get(room.document) === room) this.#rooms.delete(room.document)
    this.#answers.forget(room)
    room.close(CloseCode.restarting, 'reopened')
  }

  #changed(room: Room): void {
    this.#answers.forget(room)
    if (!this.#isClosing) this.#compactor.consider(room)
  }

  #unloadIdle(): void {
    const longAgoMs = Date.now() - this.#options.roomIdleMs
    for (const [document, room] of this.#rooms) {
      this.#answers.forget(room)
      // What was not folded because it rested, and nobody has written since.
      this.#compactor.consider(room)
      if (!room.isIdle || room.idleSinceMs > longAgoMs || this.#compactor.isBusyWith(room)) continue
      room.close(CloseCode.restarting, 'unloaded')
      this.#rooms.delete(document)
      if (this.#rooms.size === 0) this.#emptied?.()
    }
  }
}

function presentPosition(taken: number | 'gap'): number {
  if (taken === 'gap') throw new SyncError('malformed-update', 'The update builds on edits that are not here.')
  return taken
}
