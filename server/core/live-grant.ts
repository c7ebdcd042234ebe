/**
 * A grant in use: what one client may do in one document from now until it leaves, with the clock on it.
 *
 * The client is asked for a fresh token in time. From the end of the old one on nothing is written, and a while later
 * the client is sent away. A fresh token, or a new answer to the old one, takes the grant's place without a break.
 */
import { asSyncError, type ErrorCode, SyncError } from '../../shared/errors.ts'
import type { AccessNotice, AccessReason } from '../../shared/protocol.ts'
import { can } from '../../shared/roles.ts'
import type { AccessRequest, Grant } from '../ports/authorizer.ts'

/** Whoever a grant is held for. */
export interface GrantHolder {
  /** What the client may do is another, or lasts longer; `before` is the refusal that held until now. */
  accessChanged(notice: AccessNotice, before: Refusal | null): void
  /** False when the client's dialect has no word for that. */
  askForToken(): boolean
  /** Nothing more may be done here. */
  accessEnded(error: SyncError): void
}

/** Why an update is not taken. */
export type Refusal = Extract<
  ErrorCode,
  'read-only' | 'comments-only' | 'token-expired' | 'quarantined' | 'document-full'
>

const REFUSALS: ReadonlySet<ErrorCode> = new Set<Refusal>([
  'read-only',
  'comments-only',
  'token-expired',
  'quarantined',
  'document-full',
])

/** Whether `code` says that an update is not taken, as opposed to that its sender did wrong. */
export function isRefusal(code: ErrorCode): code is Refusal {
  return REFUSALS.has(code)
}

export interface LiveGrantDependencies {
  /** Asks again. */
  readonly authorize: (request: AccessRequest) => Promise<Grant>
  /** Called with the grant when its holder starts and stops using it. Throws a SyncError when it may not start. */
  readonly started: (live: LiveGrant) => void
  readonly stopped: (live: LiveGrant) => void
  /** Called when an update is not taken. */
  readonly refused: (live: LiveGrant, reason: ErrorCode) => void
  /** How long a client may stay after its token's end. */
  readonly expiryGraceMs: number
}

/** The client is asked for a fresh token when this much of what is left is over, and again, as long as none comes. */
const ASK_AFTER = 0.8

/** With less than this left there is no point in asking once more before the end. */
const LAST_ASK_MS = 2_000

// What the clock of timers can hold; one that long just asks a little early.
const MAX_TIMER_MS = 2 ** 31 - 1

/** Answers that say "not with this token", as opposed to "I could not tell". */
const ANSWERS: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'token-missing',
  'token-invalid',
  'token-expired',
  'access-revoked',
  'permission-denied',
])

/** Answers to a fresh token that leave the old one as it is: a mishap of whoever mints them. */
const MISHAPS: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['token-missing', 'token-invalid', 'token-expired'])

export class LiveGrant {
  readonly #dependencies: LiveGrantDependencies
  #request: AccessRequest
  #grant: Grant
  #holder: GrantHolder | null = null
  #timer: ReturnType<typeof setTimeout> | undefined
  /** What the role alone refuses; asked for every frame, so it is kept. */
  #roleRefusal: Refusal | null
  #expiresAtMs: number
  /** Counts questions to the authorizer; only the latest counts. */
  #questions = 0

  constructor(request: AccessRequest, grant: Grant, dependencies: LiveGrantDependencies) {
    this.#request = request
    this.#dependencies = dependencies
    this.#grant = grant
    this.#roleRefusal = refusalOf(grant)
    this.#expiresAtMs = grant.expiresAtMs ?? Infinity
  }

  get grant(): Grant {
    return this.#grant
  }

  /** What was asked, with the token that counts now. Never to be logged. */
  get request(): AccessRequest {
    return this.#request
  }

  get document(): AccessRequest['document'] {
    return this.#request.document
  }

  /** Why an update is not taken now; null when it is. Cheap enough for every frame. */
  get refusal(): Refusal | null {
    if (this.#expiresAtMs !== Infinity && Date.now() >= this.#expiresAtMs) return 'token-expired'
    return this.#roleRefusal
  }

  /** Begins to watch the clock for `holder`. Throws a SyncError when access ended since it was given. */
  start(holder: GrantHolder): void {
    this.#dependencies.started(this)
    this.#holder = holder
    this.#wind()
  }

  stop(): void {
    if (this.#holder === null) return
    this.#holder = null
    this.#questions++
    clearTimeout(this.#timer)
    this.#dependencies.stopped(this)
  }

  /** An update was not taken. */
  refuse(reason: ErrorCode): void {
    this.#dependencies.refused(this, reason)
  }

  /** What the client may do now, as it is told. */
  notice(why: AccessReason): AccessNotice {
    const { role, expiresAtMs } = this.#grant
    return { role, expiresInMs: expiresAtMs === null ? null : Math.max(0, expiresAtMs - Date.now()), why }
  }

  /** The client sent a fresh token. One that is no good changes nothing; one that gives nothing here ends the access. */
  renew(token: string | null): void {
    this.#ask({ ...this.#request, token }, (error) => {
      if (ANSWERS.has(error.code) && !MISHAPS.has(error.code)) this.end(error)
    })
  }

  /** The answer to the client's token may be another by now. */
  recheck(): void {
    this.#ask(this.#request, (error) => {
      // The end of its life has a timer of its own, and time for a fresh one.
      if (ANSWERS.has(error.code) && error.code !== 'token-expired') this.end(error)
    })
  }

  /** Ends the access at once. */
  end(error: SyncError): void {
    const holder = this.#holder
    this.stop()
    holder?.accessEnded(error)
  }

  #ask(request: AccessRequest, failed: (error: SyncError) => void): void {
    const question = ++this.#questions
    this.#dependencies.authorize(request).then(
      (grant) => {
        if (question === this.#questions) this.#replace(request, grant)
      },
      (thrown: unknown) => {
        if (question === this.#questions) failed(asSyncError(thrown, 'job-failed'))
      },
    )
  }

  #replace(request: AccessRequest, grant: Grant): void {
    if (grant.author.user !== this.#grant.author.user) {
      this.end(new SyncError('permission-denied', 'The fresh token is of another user; connect anew with it.'))
      return
    }
    const before = this.refusal
    const { role } = this.#grant
    const isSame = request === this.#request && role === grant.role && this.#grant.expiresAtMs === grant.expiresAtMs
    this.#request = request
    this.#grant = grant
    this.#roleRefusal = refusalOf(grant)
    this.#expiresAtMs = grant.expiresAtMs ?? Infinity
    if (isSame) return
    this.#holder?.accessChanged(this.notice(role === grant.role ? 'renewed' : 'changed'), before)
    this.#wind()
  }

  #wind(): void {
    clearTimeout(this.#timer)
    if (this.#expiresAtMs === Infinity) return
    const leftMs = this.#expiresAtMs - Date.now()
    const untilMs = leftMs > LAST_ASK_MS ? leftMs * ASK_AFTER : leftMs
    this.#timer = setTimeout(() => this.#ring(), Math.min(untilMs, MAX_TIMER_MS))
  }

  #ring(): void {
    if (Date.now() >= this.#expiresAtMs) {
      this.#expire()
      return
    }
    this.#holder?.askForToken()
    this.#wind()
  }

  #expire(): void {
    this.#holder?.accessChanged(this.notice('expired'), this.#roleRefusal)
    const isAsked = this.#holder?.askForToken() === true
    const end = (): void =>
      this.end(new SyncError('token-expired', 'The token is too old; come back with a fresh one.'))
    // A client that cannot be asked brings a fresh token when it connects again, so the sooner the better.
    this.#timer = setTimeout(end, isAsked ? this.#dependencies.expiryGraceMs : 0)
  }
}

function refusalOf({ role }: Grant): Refusal | null {
  if (can(role, 'write')) return null
  return can(role, 'comment') ? 'comments-only' : 'read-only'
}
