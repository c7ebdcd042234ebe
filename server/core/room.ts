/**
 * A document that is open in this process: what its log covers, who is here, and what waits for its commit.
 *
 * The room never decodes the document: it walks the bytes of updates against its coverage. Members are shown an
 * update, and told it is saved, only after the commit that holds it.
 */
import { closeCodeFor } from '../../shared/close-codes.ts'
import { asSyncError, SyncError } from '../../shared/errors.ts'
import type { DocumentId, Seq } from '../../shared/ids.ts'
import type { AccessNotice, StorageTrouble } from '../../shared/protocol.ts'
import { Coverage } from '../../shared/update/coverage.ts'
import { readOutline } from '../../shared/update/outline.ts'
import { type UpdateShape, walkUpdate } from '../../shared/update/walk.ts'
import type { Compute, Verdict } from '../ports/compute.ts'
import type { ClientOwner, OpenedDocument, PendingUpdate, Quarantine } from '../ports/store.ts'
import type { Answers, AnswerSource } from './answers.ts'
import { ClientOwners } from './client-owners.ts'
import { type Committer, type CommitShare, type CommitSource, countWithin } from './committer.ts'
import { DocumentSize } from './document-size.ts'
import { SharedFrames } from './fan-out.ts'
import { HeldUpdates } from './held-updates.ts'
import type { Member } from './member.ts'
import type { CoreOptions } from './options.ts'
import { Presence } from './presence.ts'
import { Verifications } from './verifications.ts'
import { checkRoots, type Writer } from './writer.ts'

/**
 * What became of an update: its position, the number of commits-in-order after which all it holds is on disk; or it
 * builds on something that is not here yet; or a compute thread has to look at it first.
 */
export type Taken = number | 'gap' | 'unverified'

export interface RoomDependencies {
  readonly committer: Committer
  readonly compute: Compute
  readonly answers: Answers
  readonly options: CoreOptions
  /** Scratch space for walking updates, shared by all rooms. */
  readonly shape: UpdateShape
  /** Client ids have got an owner. */
  readonly claimed: (room: Room, owners: readonly ClientOwner[]) => void
  /** Called after each commit and when the last member left. */
  readonly onChange: (room: Room) => void
}

export class Room implements CommitSource, AnswerSource {
  readonly document: DocumentId
  readonly handle: number
  readonly presence: Presence<Member>
  /** Why nothing may be written; null: everything is as it should be. */
  readonly quarantine: Quarantine | null
  /** Whatever is found in the document, it is served as it is. */
  readonly isKept: boolean
  readonly #dependencies: RoomDependencies
  readonly #coverage: Coverage
  readonly #size: DocumentSize
  readonly #owners: ClientOwners
  readonly #members = new Set<Member>()
  readonly #held: HeldUpdates<Member>
  readonly #verifications: Verifications<Writer>
  readonly #waiters: { readonly position: number; readonly resolve: () => void }[] = []
  #head: Seq
  #pending: PendingUpdate[] = []
  #pendingBytes = 0
  #accepted = 0
  #committed = 0
  #idleSinceMs = Date.now()

  constructor(document: DocumentId, opened: OpenedDocument, dependencies: RoomDependencies) {
    this.document = document
    this.handle = opened.handle
    this.#dependencies = dependencies
    this.quarantine = opened.quarantine
    this.isKept = opened.isKept
    this.#head = opened.head
    this.#coverage = Coverage.decode(opened.coverage)
    const { options, compute, answers } = dependencies
    this.#size = new DocumentSize(opened, options.maxDocumentBytes)
    this.#owners = new ClientOwners(opened.clientOwners, (owners) => dependencies.claimed(this, owners))
    this.#held = new HeldUpdates(options.maxHeldBytes)
    this.#verifications = new Verifications(
      compute,
      {
        whenWritten: () => this.whenCommitted(this.#accepted),
        content: () => answers.sent(this),
        take: (update, writer, verdict) => this.#takeVerified(update, writer, verdict),
      },
      options.maxPendingBytes,
    )
    this.presence = new Presence(options, (payload) => this.#announce(payload))
  }

  /** The last committed seq. */
  get head(): Seq {
    return this.#head
  }

  get size(): Pick<DocumentSize, 'snapshotBytes' | 'tail' | 'isFull'> {
    return this.#size
  }

  get members(): number {
    return this.#members.size
  }

  /** Nobody is here and nothing waits to be verified or written. */
  get isIdle(): boolean {
    return this.#members.size === 0 && this.#accepted === this.#committed && this.#verifications.isIdle
  }

  /** Since when nobody has been here or on their way, in milliseconds since 1970. */
  get idleSinceMs(): number {
    return this.#idleSinceMs
  }

  /** What a client is told of its access: in quarantine everybody is a viewer. */
  shown(notice: AccessNotice): AccessNotice {
    return this.quarantine === null ? notice : { ...notice, role: 'viewer', why: 'quarantined' }
  }

  /** Somebody is on their way in. */
  expect(): void {
    this.#idleSinceMs = Date.now()
  }

  /** What the room has, as a Yjs state vector; uncommitted updates included, so that nobody sends them again. */
  stateVector(): Uint8Array {
    return this.#coverage.encodeStateVector()
  }

  answerWithoutStructs(known: ReadonlyMap<number, number> | Uint8Array): readonly Uint8Array[] | null {
    // The coverage includes what waits for its commit, which nobody may be shown.
    if (this.#accepted !== this.#committed) return null
    const coverage = this.#coverage
    if (!(known instanceof Uint8Array ? coverage.isLatestStateVector(known) : coverage.isWithin(known))) return null
    const deletes = this.#coverage.encodeDeletes()
    return deletes === null ? [] : [deletes]
  }

  join(member: Member): void {
    this.#members.add(member)
  }

  leave(member: Member): void {
    if (!this.#members.delete(member)) return
    this.#held.drop(member)
    this.presence.leave(member)
    if (this.#members.size > 0) return
    this.#idleSinceMs = Date.now()
    this.#dependencies.onChange(this)
  }

  /** Takes an update. Throws `malformed-update`, `document-full`, or `overloaded` when too much waits for the disk. */
  submit(update: Uint8Array, writer: Writer): Taken {
    const taken = this.#take(update, writer)
    if (typeof taken === 'number' && !this.#held.isEmpty) this.#retryHeld()
    return taken
  }

  /**
   * Takes an update that `submit` left unverified, once a compute thread has applied it to the document. Resolves and
   * rejects as `Verifications.add` does.
   */
  verify(update: Uint8Array, writer: Writer): Promise<number | 'gap'> {
    return this.#verifications.add(update, writer)
  }

  /** Keeps an update that `submit` could not take until it can be. False when too much is held already. */
  hold(member: Member, frame: number, update: Uint8Array): boolean {
    return this.#held.hold(member, frame, update)
  }

  /** Forgets what was held of a member; returns its frames. */
  dropHeld(member: Member): readonly number[] {
    return this.#held.drop(member)
  }

  /** Whether an update brings nothing that is not here; false, too, when it is too large to read here. Throws `malformed-update`. */
  knows(update: Uint8Array): boolean {
    const { shape, options } = this.#dependencies
    if (update.length > options.inlineWalkBytes) return false
    walkUpdate(update, shape)
    return this.#coverage.relation(shape) === 'known'
  }

  /** Whether an update of any size brings something that is not here; reads all of it. Throws `malformed-update`. */
  lacks(update: Uint8Array): boolean {
    const { shape } = this.#dependencies
    walkUpdate(update, shape)
    return this.#coverage.relation(shape) !== 'known'
  }

  /** How many updates were accepted since the room opened. */
  get acceptedCount(): number {
    return this.#accepted
  }

  /** How many updates are committed since the room opened. */
  get committedCount(): number {
    return this.#committed
  }

  /** Resolves, with its seq, when the update at `position` is on disk. */
  async whenCommitted(position: number): Promise<Seq> {
    if (position > this.#committed) {
      await new Promise<void>((resolve) => this.#waiters.push({ position, resolve }))
    }
    return (this.#head - this.#committed + position) as Seq
  }

  get pendingBytes(): number {
    return this.#pendingBytes
  }

  takePending(share: CommitShare): readonly PendingUpdate[] {
    const taken = this.#pending
    this.#pending = taken.splice(countWithin(share, taken))
    for (const { bytes } of taken) this.#pendingBytes -= bytes.length
    return taken
  }

  committed(updates: readonly PendingUpdate[], firstSeq: Seq): void {
    const before = this.#head
    this.#head = (firstSeq + updates.length - 1) as Seq
    this.#committed += updates.length
    this.#size.committed(updates)

    const frames = new SharedFrames((dialect) => updates.map(({ bytes }) => dialect.update(bytes)))
    for (const member of this.#members) {
      if (!member.isLive) continue
      if (member.connection.bufferedBytes > this.#dependencies.options.behindBytes) member.fallBehind(before)
      else frames.writeTo(member)
    }
    for (const member of this.#members) member.committed(this.#committed)
    while (this.#waiters[0] !== undefined && this.#waiters[0].position <= this.#committed)
      this.#waiters.shift()?.resolve()
    this.#dependencies.onChange(this)
  }

  /** A snapshot of `snapshotBytes` up to `seq` was stored; it holds at least `foldedBytes` of the tail. */
  compacted(seq: Seq, foldedBytes: number, snapshotBytes: number): void {
    const wasFull = this.#size.isFull
    this.#size.compacted(this.#head - seq, foldedBytes, snapshotBytes)
    if (wasFull && !this.#size.isFull) for (const member of this.#members) member.hasRoomAgain()
  }

  /** Tells everybody here that nothing can be saved, or, with null, that it can again. */
  storageChanged(trouble: StorageTrouble | null): void {
    for (const member of this.#members) member.storageChanged(trouble)
  }

  /** Ends every session here. */
  close(code: number, reason: string): void {
    for (const member of [...this.#members]) member.close(code, reason)
    this.presence.close()
    this.#verifications.close()
  }

  #take(update: Uint8Array, writer: Writer): Taken {
    const { shape, options } = this.#dependencies
    // Reading alone takes long enough to be felt by others when somebody means it to.
    if (update.length > options.inlineWalkBytes) return 'unverified'
    walkUpdate(update, shape)
    const relation = this.#coverage.relation(shape)
    if (relation === 'gap') return this.#gap()
    // What is known may still be on its way to disk: it counts as saved with everything accepted before it.
    if (relation === 'known') return this.#accepted
    const isLarge = shape.structs > options.verifyOverStructs || shape.structBytes > options.verifyOverBytes
    if (isLarge || writer.writableRoots !== null) return 'unverified'
    // A copy: the update is a view into the bytes of a whole network read, which would be kept alive until the commit.
    return this.#accept(update.slice(), writer)
  }

  /** Takes the update that `shape` was walked over, which is new; its bytes are the room's from now on. */
  #accept(update: Uint8Array, writer: Writer): number {
    const { shape, options, committer } = this.#dependencies
    if (
      this.#pendingBytes + update.length > options.maxPendingBytes ||
      committer.unwrittenBytes + update.length > options.maxUnwrittenBytes
    ) {
      throw new SyncError('overloaded', `${committer.unwrittenBytes} bytes wait to be written; try again in a moment.`)
    }
    if (this.#size.isFull && !this.#coverage.isShrunkBy(shape)) throw this.#full()
    if (writer.owner !== null && !options.allowForeignClientIds) this.#owners.claim(writer.owner, shape, this.#coverage)
    this.#coverage.add(shape)
    this.#pending.push({ bytes: update, author: writer.author, atMs: Date.now() })
    this.#pendingBytes += update.length
    this.#size.accepted(update.length)
    committer.add(this, update.length)
    return ++this.#accepted
  }

  #takeVerified(
    update: Uint8Array,
    writer: Writer,
    { outline, changedRoots }: Extract<Verdict, { readonly name: 'passed' }>,
  ): number | 'gap' {
    checkRoots(changedRoots, writer)
    const { shape } = this.#dependencies
    readOutline(outline, shape)
    const relation = this.#coverage.relation(shape)
    if (relation === 'gap') return this.#gap()
    if (relation === 'known') return this.#accepted
    const position = this.#accept(update, writer)
    if (!this.#held.isEmpty) this.#retryHeld()
    return position
  }

  /** What a full document has refused is what it would wait for. */
  #gap(): 'gap' {
    if (this.#size.isFull) throw this.#full()
    return 'gap'
  }

  #full(): SyncError {
    const { maxDocumentBytes } = this.#dependencies.options
    return new SyncError('document-full', `The document has ${maxDocumentBytes} bytes; delete something first.`)
  }

  #retryHeld(): void {
    this.#held.retry((member, frame, update) => {
      try {
        const taken = this.#take(update, member)
        if (taken === 'gap') return false
        if (taken === 'unverified') member.heldUnverified(frame, update)
        else member.heldTaken(frame, taken)
      } catch (thrown) {
        // Whoever closed the gap did no wrong.
        const { code } = asSyncError(thrown, 'job-failed')
        if (code === 'document-full') member.heldRefused(frame, code)
        else member.close(closeCodeFor(code), code)
      }
      return true
    })
  }

  #announce(payload: Uint8Array): void {
    const frames = new SharedFrames((dialect) => [dialect.awareness(payload)])
    for (const member of this.#members) {
      if (member.connection.bufferedBytes <= this.#dependencies.options.behindBytes) frames.writeTo(member)
      // With what it missed it is shown who is here.
      else if (member.isLive) member.fallBehind(this.#head)
    }
  }
}
