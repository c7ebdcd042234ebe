/**
 * One document on a shared connection, from its first message to its end.
 *
 * Until the client is authorised and the room is loaded its messages wait in a bounded queue. A client that is
 * refused keeps the connection for its other documents, and may try again with another token.
 */
import { CloseCode, closeCodeFor } from '../../shared/close-codes.ts'
import { asSyncError, SyncError } from '../../shared/errors.ts'
import { parseDocumentId } from '../../shared/ids.ts'
import type { Connection } from '../ports/connection.ts'
import type { Log } from '../ports/log.ts'
import type { SharedDialect } from '../ports/shared-dialect.ts'
import type { Access } from './access.ts'
import type { LiveGrant } from './live-grant.ts'
import type { Room } from './room.ts'
import type { Rooms } from './rooms.ts'
import type { Session } from './session.ts'
import type { Visit } from './visit.ts'

export interface AttachmentOptions {
  /** How long a client may take to send a token that lets it in. */
  readonly authTimeoutMs: number
  readonly maxQueuedMessages: number
  readonly maxQueuedBytes: number
}

export interface AttachmentDependencies {
  readonly key: string
  readonly connection: Connection
  readonly dialect: SharedDialect
  readonly rooms: Rooms
  readonly access: Access
  readonly visit: Visit
  readonly log: Log
  readonly options: AttachmentOptions
}

/** Close codes that are about the process or the connection. */
const FOR_ALL: ReadonlySet<number> = new Set([CloseCode.restarting, CloseCode.overloaded, CloseCode.tooSlow])

type State =
  | { readonly name: 'waiting'; readonly queue: Uint8Array[]; readonly deadline: ReturnType<typeof setTimeout> }
  | { readonly name: 'open'; readonly session: Session }
  /** Everything is ignored but a token. */
  | { readonly name: 'refused' }
  | { readonly name: 'left' }

export class Attachment {
  readonly #dependencies: AttachmentDependencies
  #state: State
  /** Counts tries to get in; only the latest counts. */
  #attempts = 0

  constructor(dependencies: AttachmentDependencies) {
    this.#dependencies = dependencies
    this.#state = this.#waiting()
    const { access, visit } = dependencies
    if (!access.requiresToken || visit.token !== null) this.authenticate('')
  }

  /** A token came; while the document is open it renews, raises or lowers what the client may do. Empty: none did. */
  authenticate(token: string): void {
    if (this.#state.name === 'left') return
    // Providers that were given no token say an empty one; the connection may have come with another.
    const given = token === '' ? this.#dependencies.visit.token : token
    if (this.#state.name === 'open') {
      this.#state.session.renew(given)
      return
    }
    if (this.#state.name === 'refused') this.#state = this.#waiting()
    const attempt = ++this.#attempts
    this.#authorize(given).then(
      ({ live, room }) => {
        if (attempt === this.#attempts) this.#admit(live, room)
      },
      (thrown: unknown) => {
        if (attempt === this.#attempts) this.#refuse(asSyncError(thrown, 'job-failed'))
      },
    )
  }

  /** Takes one message, without its key; the bytes are the caller's again afterwards. */
  receive(message: Uint8Array): void {
    if (this.#state.name === 'open') this.#state.session.receive(message)
    else if (this.#state.name === 'waiting') this.#queue(this.#state.queue, message)
  }

  /** Sends a message that changes nothing; false when the document is not open. */
  keepAlive(): boolean {
    if (this.#state.name !== 'open') return false
    this.#state.session.keepAlive()
    return true
  }

  /** The client is done with the document, or the connection is gone. */
  left(): void {
    this.#leave({ name: 'left' })
  }

  async #authorize(token: string | null): Promise<{ readonly live: LiveGrant; readonly room: Room }> {
    const { key, dialect, rooms, access, visit } = this.#dependencies
    const document = parseDocumentId(dialect.documentName(key))
    const live = await access.admit({ ...visit, document, token })
    const room = await rooms.load(document)
    await access.open(room.head, visit.address)
    return { live, room }
  }

  #admit(live: LiveGrant, room: Room): void {
    if (this.#state.name !== 'waiting') return
    const { queue, deadline } = this.#state
    clearTimeout(deadline)
    try {
      this.#state = { name: 'open', session: this.#startSession(live, room) }
    } catch (thrown) {
      this.#refuse(asSyncError(thrown, 'job-failed'))
      return
    }
    for (const message of queue) this.receive(message)
  }

  #startSession(access: LiveGrant, room: Room): Session {
    const { key, dialect, connection, rooms } = this.#dependencies
    const own: Connection = {
      framing: connection.framing,
      get bufferedBytes() {
        return connection.bufferedBytes
      },
      write: (framed) => connection.write(framed),
      writeOnce: (message) => connection.writeOnce(message),
      whenDrained: (callback) => connection.whenDrained(callback),
      close: (code, reason) => this.#end(code, reason),
    }
    return rooms.startSession(room, { connection: own, dialect: dialect.dialectOf(key), access })
  }

  #queue(queue: Uint8Array[], message: Uint8Array): void {
    const { maxQueuedMessages, maxQueuedBytes } = this.#dependencies.options
    const queuedBytes = queue.reduce((sum, { length }) => sum + length, 0)
    if (queue.length < maxQueuedMessages && queuedBytes + message.length <= maxQueuedBytes) queue.push(message.slice())
    else this.#end(CloseCode.overloaded, 'too-many-pending')
  }

  #refuse({ code, message }: SyncError): void {
    this.#dependencies.log.warn('document refused', { code, message })
    this.#end(closeCodeFor(code), code)
  }

  /**
   * A fault of the whole process sends the connection away to come back, and so does a token that ran out: older
   * providers do not know the question for a fresh one, and bring it when they connect. Any other is about this document,
   * whose client would only repeat it: it is told, and the other documents go on.
   */
  #end(code: number, reason: string): void {
    const { key, dialect, connection } = this.#dependencies
    const hasRunOut = code === CloseCode.expired && this.#state.name === 'open'
    this.#leave({ name: 'refused' })
    if (hasRunOut || FOR_ALL.has(code)) connection.close(code, reason)
    else connection.write(connection.framing.frame([dialect.denied(key, reason)]))
  }

  #leave(next: State): void {
    const state = this.#state
    this.#state = next
    this.#attempts++
    if (state.name === 'waiting') clearTimeout(state.deadline)
    if (state.name === 'open') state.session.left()
  }

  #waiting(): State {
    const { authTimeoutMs } = this.#dependencies.options
    const timeOut = (): void => {
      this.#refuse(new SyncError('auth-timed-out', `No token came that lets the client in within ${authTimeoutMs} ms.`))
    }
    return { name: 'waiting', queue: [], deadline: setTimeout(timeOut, authTimeoutMs) }
  }
}
