/**
 * One authorised client in one room: its frames in, the room's updates, presence and acknowledgements out.
 *
 * It knows no transport and no dialect, only their ports, and of no other session on its connection. What the client may
 * do is its live grant's to say, and bringing it in step its feed's.
 */
import { CloseCode, closeCodeFor } from '../../shared/close-codes.ts'
import { asSyncError, type ErrorCode, type SyncError } from '../../shared/errors.ts'
import type { Seq } from '../../shared/ids.ts'
import type { AccessNotice, StorageTrouble } from '../../shared/protocol.ts'
import type { ShownUser } from '../ports/authorizer.ts'
import type { Client, Connection } from '../ports/connection.ts'
import type { Acknowledgements, Dialect, Frame } from '../ports/dialect.ts'
import type { Log } from '../ports/log.ts'
import type { Author } from '../ports/store.ts'
import type { Answers } from './answers.ts'
import { writeMessages } from './fan-out.ts'
import { Feed, type FeedOptions } from './feed.ts'
import { type GrantHolder, isRefusal, type LiveGrant, type Refusal } from './live-grant.ts'
import type { Member } from './member.ts'
import type { Room, Taken } from './room.ts'
import { SavedMark } from './saved-mark.ts'
import { kept } from './verifications.ts'

export interface SessionOptions extends FeedOptions {
  /** The root type that a commenter may change. */
  readonly commentsRoot: string
}

export interface SessionDependencies {
  readonly room: Room
  readonly answers: Answers
  readonly connection: Connection
  readonly dialect: Dialect
  /** Not yet started; the session starts and stops it. */
  readonly access: LiveGrant
  readonly log: Log
  readonly options: SessionOptions
}

export class Session implements Member, Client, GrantHolder {
  readonly dialect: Dialect
  readonly connection: Connection
  readonly #access: LiveGrant
  readonly #commentsRoot: string
  readonly #behindBytes: number
  readonly #room: Room
  readonly #feed: Feed
  readonly #log: Log
  readonly #mark = new SavedMark()
  readonly #acknowledgements: Acknowledgements
  #isClosed = false
  /** Who is here was asked for by a client that does not read. */
  #owesPresence = false
  /** The client has answered our step 1: what it holds, we hold. */
  #hasStep2 = false
  /** Something was refused because the document is full; it is asked for when there is room. */
  #lacksRoom = false
  /** How many of the client's updates a compute thread is looking at. */
  #verifying = 0

  constructor({ room, answers, connection, dialect, access, log, options }: SessionDependencies) {
    this.#room = room
    this.connection = connection
    this.dialect = dialect
    this.#acknowledgements = dialect.acknowledgements()
    this.#access = access
    this.#commentsRoot = options.commentsRoot
    this.#behindBytes = options.behindBytes
    this.#log = log
    this.#feed = new Feed({
      reader: this,
      room,
      answers,
      options,
      answered: () => {
        if (dialect.asks === 'after-answering') this.#write([this.#question()])
      },
      failed: (thrown) => this.#fail(asSyncError(thrown, 'job-failed')),
    })
  }

  get author(): Author {
    return this.#access.grant.author
  }

  get shownAs(): ShownUser | null {
    return this.#access.grant.shownAs
  }

  get owner(): string | null {
    return this.shownAs?.id ?? null
  }

  get writableRoots(): readonly string[] | null {
    const { refusal } = this.#access
    if (refusal === null) return null
    return refusal === 'comments-only' ? [this.#commentsRoot] : []
  }

  get isLive(): boolean {
    return this.#feed.isLive
  }

  /**
   * Joins the room, says what the client may do, asks for what it has that we lack, and shows who is here.
   * Throws a SyncError when its access ended meanwhile.
   */
  start(): void {
    this.#access.start(this)
    this.#room.join(this)
    const present = this.#room.presence.snapshot()
    this.#write([
      ...this.dialect.access(this.#room.shown(this.#access.notice('joined'))),
      ...(this.dialect.asks === 'on-joining' ? [this.#question()] : []),
      ...(present === null ? [] : [this.dialect.awareness(present)]),
    ])
  }

  /** Takes one message of the client. A message that is not acceptable closes this session and no other. */
  receive(message: Uint8Array): void {
    if (this.#isClosed) return
    try {
      this.#handle(message)
    } catch (thrown) {
      this.#fail(asSyncError(thrown, 'job-failed'))
    }
  }

  committed(committed: number): void {
    if (this.#mark.advance(committed)) this.#write(this.#acknowledgements.saved(this.#mark.saved, this.#room.head))
  }

  heldTaken(frame: number, position: number): void {
    this.#mark.settle(frame, position)
  }

  storageChanged(trouble: StorageTrouble | null): void {
    this.#write(this.#acknowledgements.storageChanged(trouble))
  }

  heldUnverified(frame: number, update: Uint8Array): void {
    void this.#verify(frame, update) // It never rejects: what fails ends the session.
  }

  heldRefused(frame: number, reason: 'document-full'): void {
    this.#refuse(frame, reason)
  }

  hasRoomAgain(): void {
    if (this.#lacksRoom) this.#write([this.#question()])
    this.#lacksRoom = false
  }

  fallBehind(seq: Seq): void {
    this.#feed.fallBehind(seq, () => this.#showPresence())
  }

  /** A fresh token came. */
  renew(token: string | null): void {
    this.#access.renew(token)
  }

  accessChanged(notice: AccessNotice, before: Refusal | null): void {
    const { refusal } = this.#access
    this.#write(this.dialect.access(this.#room.shown(notice)))
    if (refusal === 'read-only' || refusal === 'token-expired') {
      for (const frame of this.#room.dropHeld(this)) this.#refuse(frame, refusal)
    } else if (before !== null && before !== refusal) {
      // The answer is a step 2 with everything that was refused.
      this.#write([this.#question()])
    }
  }

  askForToken(): boolean {
    const { tokenRequest } = this.dialect
    if (tokenRequest === null) return false
    this.#write([tokenRequest])
    return true
  }

  accessEnded(error: SyncError): void {
    this.#fail(error)
  }

  /** Sends a message that changes nothing, so that the client's watchdog sees life. */
  keepAlive(): void {
    if (this.connection.bufferedBytes === 0) writeMessages(this, this.dialect.keepAlive())
  }

  close(code: number, reason: string): void {
    this.left()
    this.connection.close(code, reason)
  }

  /** The connection is gone. */
  left(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#feed.stop()
    this.#access.stop()
    this.#room.leave(this)
  }

  #handle(message: Uint8Array): void {
    const frame = this.dialect.decode(message)
    switch (frame.type) {
      case 'step1':
        this.#write(this.#acknowledgements.received(frame, this.#mark.frames))
        this.#feed.answer(frame.stateVector.slice())
        break
      case 'step2':
        this.#hasStep2 = true
        this.#submit(frame)
        break
      case 'update':
        this.#submit(frame)
        break
      case 'awareness':
        this.#presence(frame.payload)
        break
      case 'query-awareness':
        this.#answerPresence()
        break
      case 'query-saved':
        this.#write(this.#acknowledgements.received(frame, this.#mark.frames))
        break
      case 'token':
        this.renew(frame.token)
        break
      case 'nothing':
        break
    }
  }

  #submit(frame: Extract<Frame, { readonly update: Uint8Array }>): void {
    const refusal = this.#room.quarantine === null ? this.#access.refusal : 'quarantined'
    if (refusal !== null && refusal !== 'comments-only' && !this.#room.knows(frame.update)) {
      return this.#refuse(this.#count(frame, null), refusal)
    }
    let taken: Taken
    try {
      taken = this.#room.submit(frame.update, this)
    } catch (thrown) {
      const { code } = asSyncError(thrown, 'job-failed')
      if (!isRefusal(code)) throw thrown
      return this.#refuse(this.#count(frame, null), code)
    }
    const number = this.#count(frame, typeof taken === 'number' ? taken : null)
    if (taken === 'gap') this.#hold(number, frame.update.slice())
    else if (taken === 'unverified') this.heldUnverified(number, kept(frame.update))
    else this.committed(this.#room.committedCount)
  }

  /** Counts a frame; `position` as in `SavedMark.add`. Returns its number. */
  #count(frame: Frame, position: number | null): number {
    const number = this.#mark.add(position)
    this.#write(this.#acknowledgements.received(frame, number))
    return number
  }

  /** Says that a frame is not taken. It counts as dealt with when everything accepted before it is on disk. */
  #refuse(number: number, reason: ErrorCode): void {
    this.#lacksRoom ||= reason === 'document-full'
    this.#access.refuse(reason)
    this.#mark.settle(number, this.#room.acceptedCount)
    this.#write(this.#acknowledgements.refused(number, reason))
    this.committed(this.#room.committedCount)
  }

  async #verify(number: number, update: Uint8Array): Promise<void> {
    this.#verifying++
    try {
      const taken = await this.#room.verify(update, this)
      this.#verifying--
      if (this.#isClosed) return
      if (taken === 'gap') return this.#hold(number, update)
      this.#mark.settle(number, taken)
      this.committed(this.#room.committedCount)
    } catch (thrown) {
      this.#verifying--
      const error = asSyncError(thrown, 'job-failed')
      if (this.#isClosed || !isRefusal(error.code)) return this.#fail(error)
      this.#refuse(number, error.code)
    }
    // What is still held did not wait for this one, and was not asked for.
    if (this.#mark.hasUnsettled) this.#askForMissing()
  }

  #hold(number: number, update: Uint8Array): void {
    if (!this.#room.hold(this, number, update)) {
      this.close(CloseCode.overloaded, 'too-many-pending')
      return
    }
    this.#askForMissing()
  }

  /** Before its step 2 arrived the missing part is on its way, or is being verified; else we have to ask. */
  #askForMissing(): void {
    if (this.#hasStep2 && this.#verifying === 0) writeMessages(this, this.#question())
  }

  /** Our step 1: what of yours do we lack? */
  #question(): Uint8Array {
    return this.dialect.step1(this.#room.stateVector())
  }

  #write(messages: readonly Uint8Array[]): void {
    if (messages.length > 0) writeMessages(this, ...messages)
  }

  #presence(payload: Uint8Array): void {
    // A stock client speaks of itself alone before it has read anything of ours; its step 2 shows that it has.
    const reply = this.#room.presence.receive(this, payload, !this.#hasStep2)
    if (reply !== null) writeMessages(this, this.dialect.awareness(reply))
  }

  /** Whoever asks and does not read is answered once, when it has read. */
  #answerPresence(): void {
    if (this.connection.bufferedBytes <= this.#behindBytes) return this.#showPresence()
    if (this.#owesPresence) return
    this.#owesPresence = true
    this.connection.whenDrained(() => {
      this.#owesPresence = false
      if (!this.#isClosed) this.#showPresence()
    })
  }

  #showPresence(): void {
    const present = this.#room.presence.snapshot()
    if (present !== null) writeMessages(this, this.dialect.awareness(present))
  }

  #fail(error: SyncError): void {
    if (this.#isClosed) return
    const code = closeCodeFor(error.code)
    this.#log.warn('session closed', {
      document: this.#room.document,
      closeCode: code,
      code: error.code,
      message: error.message,
    })
    this.close(code, error.code)
  }
}
