/** Several documents on one connection: each message goes to the document it is about. */
import { CloseCode, closeCodeFor } from '../../shared/close-codes.ts'
import { asSyncError } from '../../shared/errors.ts'
import type { Client, Connection } from '../ports/connection.ts'
import type { Log } from '../ports/log.ts'
import type { Envelope, SharedDialect } from '../ports/shared-dialect.ts'
import type { Access } from './access.ts'
import { Attachment, type AttachmentOptions } from './attachment.ts'
import type { Rooms } from './rooms.ts'
import type { Visit } from './visit.ts'

export interface SharedConnectionOptions extends AttachmentOptions {
  readonly maxDocumentsPerConnection: number
}

export interface SharedConnectionDependencies {
  readonly connection: Connection
  readonly dialect: SharedDialect
  readonly rooms: Rooms
  readonly access: Access
  readonly visit: Visit
  readonly log: Log
  readonly options: SharedConnectionOptions
}

export class SharedConnection implements Client {
  readonly #dependencies: SharedConnectionDependencies
  readonly #attachments = new Map<string, Attachment>()
  #knowsPing = false
  #isClosed = false

  constructor(dependencies: SharedConnectionDependencies) {
    this.#dependencies = dependencies
  }

  receive(message: Uint8Array): void {
    if (this.#isClosed) return
    try {
      this.#route(this.#dependencies.dialect.open(message))
    } catch (thrown) {
      const { code, message: why } = asSyncError(thrown, 'job-failed')
      this.#dependencies.log.warn('connection closed', { code, message: why })
      this.close(closeCodeFor(code), code)
    }
  }

  keepAlive(): void {
    const { connection, dialect } = this.#dependencies
    if (connection.bufferedBytes > 0) return
    if (this.#knowsPing) {
      connection.write(connection.framing.frame([dialect.ping]))
      return
    }
    // Clients watch the connection, so one message is enough for all documents.
    for (const attachment of this.#attachments.values()) if (attachment.keepAlive()) break
  }

  close(code: number, reason: string): void {
    this.left()
    this.#dependencies.connection.close(code, reason)
  }

  left(): void {
    this.#isClosed = true
    for (const attachment of this.#attachments.values()) attachment.left()
    this.#attachments.clear()
  }

  #route(envelope: Envelope): void {
    switch (envelope.type) {
      case 'body':
        this.#attachment(envelope.key)?.receive(envelope.body)
        break
      case 'token':
        this.#knowsPing ||= envelope.knowsPing
        this.#attachment(envelope.key)?.authenticate(envelope.token)
        break
      case 'leave':
        this.#attachments.get(envelope.key)?.left()
        this.#attachments.delete(envelope.key)
        break
      case 'nothing':
        break
    }
  }

  /** The attachment of a key, a new one where the key is new; null when there are too many. */
  #attachment(key: string): Attachment | null {
    const known = this.#attachments.get(key)
    if (known !== undefined) return known
    const { maxDocumentsPerConnection } = this.#dependencies.options
    if (this.#attachments.size >= maxDocumentsPerConnection) {
      this.close(CloseCode.overloaded, 'too-many-documents')
      return null
    }
    const attachment = new Attachment({ ...this.#dependencies, key })
    this.#attachments.set(key, attachment)
    return attachment
  }
}
