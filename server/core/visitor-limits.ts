/** How many connections a user and a document may have, and how many documents an address may begin. */
import { SyncError } from '../../shared/errors.ts'
import type { Seq } from '../../shared/ids.ts'
import type { AccessRequest, Grant } from '../ports/authorizer.ts'
import type { Quota } from '../ports/quota.ts'
import { Headcount } from './headcount.ts'

export interface VisitorLimitOptions {
  readonly maxConnectionsPerUser: number
  readonly maxConnectionsPerDocument: number
}

export interface VisitorLimitDependencies {
  readonly options: VisitorLimitOptions
  /** Whether limits hold for an address. */
  readonly isLimited: (address: string) => boolean
  readonly newDocuments: Quota
}

export interface Visitor {
  readonly request: AccessRequest
  readonly grant: Grant
}

export class VisitorLimits {
  readonly #isLimited: VisitorLimitDependencies['isLimited']
  readonly #newDocuments: Quota
  readonly #ofUser: Headcount
  readonly #ofDocument: Headcount
  readonly #counted = new Map<Visitor, string>()

  constructor({ options, isLimited, newDocuments }: VisitorLimitDependencies) {
    this.#isLimited = isLimited
    this.#newDocuments = newDocuments
    this.#ofUser = new Headcount(options.maxConnectionsPerUser)
    this.#ofDocument = new Headcount(options.maxConnectionsPerDocument)
  }

  /** Counts a visitor who comes in. Throws a SyncError that says what there are too many of. */
  enter(visitor: Visitor): void {
    const { request, grant } = visitor
    if (!this.#isLimited(request.address)) return
    if (!this.#ofDocument.enter(request.document)) {
      throw new SyncError('too-many-connections-of-document', `There are too many people in ${request.document}.`)
    }
    // Where nobody vouches for anybody, a user is whoever they say they are.
    const user = grant.shownAs?.id ?? ''
    if (user !== '' && !this.#ofUser.enter(user)) {
      this.#ofDocument.leave(request.document)
      throw new SyncError('too-many-connections-of-user', `There are too many connections of user ${user}.`)
    }
    this.#counted.set(visitor, user)
  }

  leave(visitor: Visitor): void {
    const user = this.#counted.get(visitor)
    if (user === undefined) return
    this.#counted.delete(visitor)
    this.#ofDocument.leave(visitor.request.document)
    if (user !== '') this.#ofUser.leave(user)
  }

  /** Somebody at `address` opens a document whose last seq is `head`. Rejects `too-many-new-documents`. */
  async open(head: Seq, address: string): Promise<void> {
    if (head > 0 || (await this.#newDocuments.take(address))) return
    throw new SyncError('too-many-new-documents', `Too many new documents were opened from ${address}; wait an hour.`)
  }
}
