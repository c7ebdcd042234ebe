/**
 * Who is let in, and what becomes of those who are: the one place that asks the authorizer, and that knows every
 * grant in use.
 */
import { asSyncError } from '../../shared/errors.ts'
import { can } from '../../shared/roles.ts'
import type { DocumentId, Seq } from '../../shared/ids.ts'
import type { Audit } from '../ports/audit.ts'
import type { AccessRequest, Authorizer, Grant, Revocation } from '../ports/authorizer.ts'
import type { Log } from '../ports/log.ts'
import { LiveGrant } from './live-grant.ts'
import type { Revocations } from './revocations.ts'
import type { VisitorLimits } from './visitor-limits.ts'

export interface AccessOptions {
  /** How long a client may stay after its token's end. */
  readonly expiryGraceMs: number
}

export interface AccessDependencies {
  readonly authorizer: Authorizer
  /** The same without counting and noting what it is asked: for questions about many documents at once. */
  readonly quietAuthorizer: Authorizer
  readonly revocations: Revocations
  readonly limits: VisitorLimits
  readonly audit: Audit
  readonly log: Log
  readonly options: AccessOptions
}

/** Which grants in use are meant; what is left out does not matter. */
export interface GrantQuery {
  readonly document?: string
  readonly user?: string
  readonly tokenId?: string
}

export class Access {
  readonly #authorizer: Authorizer
  readonly #quietAuthorizer: Authorizer
  readonly #revocations: Revocations
  readonly #limits: VisitorLimits
  readonly #audit: Audit
  readonly #log: Log
  readonly #options: AccessOptions
  readonly #inUse = new Set<LiveGrant>()
  #rechecks = 0

  constructor({ authorizer, quietAuthorizer, revocations, limits, audit, log, options }: AccessDependencies) {
    this.#authorizer = authorizer
    this.#quietAuthorizer = quietAuthorizer
    this.#revocations = revocations
    this.#limits = limits
    this.#audit = audit
    this.#log = log
    this.#options = options
  }

  /** Nobody is let in without a token, so a client that sent none yet is waited for. */
  get requiresToken(): boolean {
    return this.#authorizer.requiresToken
  }

  /** What a client may do, for one request. Rejects with a SyncError when that is nothing. */
  async authorize(request: AccessRequest): Promise<Grant> {
    const grant = await this.#authorizer.authorize(request)
    this.#revocations.check(grant, request.document)
    return grant
  }

  /** Whether a document may be read, where many are asked about. Rejects when the token is no good anywhere. */
  async mayRead(request: AccessRequest): Promise<boolean> {
    try {
      const grant = await this.#quietAuthorizer.authorize(request)
      return this.#revocations.find(grant, request.document) === null && can(grant.role, 'read')
    } catch (thrown) {
      if (asSyncError(thrown, 'job-failed').code === 'permission-denied') return false
      throw thrown
    }
  }

  /** `authorize` for a client that stays: `start` of the live grant puts it in use. */
  async admit(request: AccessRequest): Promise<LiveGrant> {
    const rechecks = this.#rechecks
    return new LiveGrant(request, await this.authorize(request), {
      authorize: (again) => this.authorize(again),
      started: (live) => {
        this.#revocations.check(live.grant, live.document)
        this.#limits.enter(live)
        this.#inUse.add(live)
        // Something changed while its room was loaded; nobody can say whether it is meant.
        if (rechecks !== this.#rechecks) live.recheck()
      },
      stopped: (live) => {
        this.#limits.leave(live)
        this.#inUse.delete(live)
      },
      refused: (live, code) => {
        const { address, document } = live.request
        this.#audit.note({ action: 'write-refused', document, address, ...live.grant.author, detail: { code } })
      },
      expiryGraceMs: this.#options.expiryGraceMs,
    })
  }

  /** Whether whoever was let in from `address` may open a document with that last seq. Rejects with a SyncError. */
  open(head: Seq, address: string): Promise<void> {
    return this.#limits.open(head, address)
  }

  /** The grants in use in a document. */
  present(document: DocumentId): readonly Grant[] {
    return [...this.#inUse].filter((live) => live.document === document).map((live) => live.grant)
  }

  /** Ends access for good, at once where it is in use; resolves when that is on disk. */
  async revoke(revocation: Revocation): Promise<void> {
    const stored = this.#revocations.add(revocation)
    for (const live of [...this.#inUse]) {
      const error = this.#revocations.find(live.grant, live.document)
      if (error !== null) live.end(error)
    }
    await stored
    const { kind, id } = revocation
    const document = kind === 'document' ? id : ''
    await this.#audit.record({
      action: 'access-revoked',
      document,
      user: 'operator',
      name: '',
      address: '',
      detail: { kind, id },
    })
    this.#log.info('access revoked', { kind: revocation.kind, id: revocation.id })
  }

  /** Asks again about grants in use: what their tokens give has changed. */
  recheck({ document, user, tokenId }: GrantQuery): void {
    this.#rechecks++
    for (const live of [...this.#inUse]) {
      const { author, tokenId: id } = live.grant
      if (document !== undefined && live.document !== document) continue
      if (user !== undefined && author.user !== user) continue
      if (tokenId !== undefined && id !== tokenId) continue
      live.recheck()
    }
  }
}
