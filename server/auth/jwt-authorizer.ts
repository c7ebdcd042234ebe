/**
 * Grants from JSON Web Tokens that somebody else signs: the embedder's backend, or an identity provider.
 *
 * A token that verified is remembered for a moment: one list of documents asks about each of them, and when a network fails
 * everybody is back at once.
 */
import { errors, jwtVerify } from 'jose'
import { SyncError } from '../../shared/errors.ts'
import type { AccessRequest, Authorizer, Grant } from '../ports/authorizer.ts'
import { roleIn } from './document-rules.ts'
import type { Keys } from './keys.ts'
import { parseClaims, type TokenClaims } from './token-claims.ts'

export interface JwtOptions {
  readonly jwtIssuer: string
  readonly jwtAudience: string
  /** How far the clock of whoever issues tokens may be ahead. */
  readonly jwtClockToleranceMs: number
  readonly maxTokenBytes: number
}

// Some megabytes at most, and more than one process has people.
const REMEMBERED_TOKENS = 10_000

/** So soon a key that is taken back counts no more. */
const REMEMBERED_MS = 30_000

export class JwtAuthorizer implements Authorizer {
  readonly requiresToken = true
  readonly #keys: Keys
  readonly #options: JwtOptions
  readonly #verified = new Map<string, { readonly claims: TokenClaims; readonly untilMs: number }>()

  /** Throws `invalid-request` when it is not said whose tokens count. */
  constructor(keys: Keys, options: JwtOptions) {
    if (options.jwtIssuer === '' || options.jwtAudience === '') {
      throw new SyncError(
        'invalid-request',
        'Say with --jwt-issuer and --jwt-audience whose tokens count, and for whom they are.',
      )
    }
    this.#keys = keys
    this.#options = options
  }

  async authorize({ document, token }: AccessRequest): Promise<Grant> {
    if (token === null || token === '') throw new SyncError('token-missing', 'This document needs a token.')
    const { user, rules, tokenId, expiresAtMs, issuedAtMs } = await this.#claimsOf(token)
    const role = roleIn(rules, document)
    if (role === null) throw new SyncError('permission-denied', 'The token gives no access to this document.')
    return { author: { user: user.id, name: user.name }, shownAs: user, role, expiresAtMs, tokenId, issuedAtMs }
  }

  async #claimsOf(token: string): Promise<TokenClaims> {
    const nowMs = Date.now()
    const known = this.#verified.get(token)
    if (known !== undefined && nowMs < Math.min(known.untilMs, known.claims.expiresAtMs)) return known.claims
    this.#verified.delete(token)
    const claims = await this.#verify(token)
    this.#verified.set(token, { claims, untilMs: nowMs + REMEMBERED_MS })
    for (const oldest of this.#verified.keys()) {
      if (this.#verified.size <= REMEMBERED_TOKENS) break
      this.#verified.delete(oldest)
    }
    return claims
  }

  async #verify(token: string): Promise<TokenClaims> {
    const { maxTokenBytes, jwtIssuer, jwtAudience, jwtClockToleranceMs } = this.#options
    if (token.length > maxTokenBytes) {
      throw new SyncError(
        'token-invalid',
        `A token of ${token.length} bytes is not looked at; the limit is ${maxTokenBytes}.`,
      )
    }
    try {
      const { payload } = await jwtVerify(token, this.#keys.keyOf, {
        algorithms: [...this.#keys.algorithms],
        issuer: jwtIssuer,
        audience: jwtAudience,
        requiredClaims: ['sub', 'exp'],
        clockTolerance: jwtClockToleranceMs / 1_000,
      })
      return parseClaims(payload, Date.now(), jwtClockToleranceMs)
    } catch (thrown) {
      throw asRefusal(thrown)
    }
  }
}

/** Why a token is not taken, without a word of it. */
function asRefusal(thrown: unknown): SyncError {
  if (thrown instanceof SyncError) return thrown
  if (thrown instanceof errors.JWTExpired) return new SyncError('token-expired', 'The token is too old.')
  if (thrown instanceof errors.JWTClaimValidationFailed) {
    return new SyncError('token-invalid', `The claim "${thrown.claim}" is not what it has to be.`)
  }
  return new SyncError('token-invalid', 'The token cannot be trusted.', { cause: thrown })
}
