/** What a verified token says, checked and in our words. */
import type { JWTPayload } from 'jose'
import { colorOf } from '../../shared/colors.ts'
import { SyncError } from '../../shared/errors.ts'
import type { ShownUser } from '../ports/authorizer.ts'
import { type DocumentRule, parseRules } from './document-rules.ts'

export interface TokenClaims {
  readonly user: ShownUser
  readonly tokenId: string | null
  /** 0 when the token does not say. */
  readonly issuedAtMs: number
  readonly expiresAtMs: number
  readonly rules: readonly DocumentRule[]
}

/** Of ids and names; the log of every document holds them. */
const MAX_CHARACTERS = 128

/** The last moment a `Date` can be, in seconds. */
const MAX_SECONDS = 8.64e12

// Anything else could smuggle style into pages that trust it.
const COLOR = /^#[0-9a-f]{6}$/i

// oxlint-disable-next-line no-control-regex -- matching control characters is the point
const CONTROL_CHARACTERS = /[\u0000-\u001f\u007f]/

/** Throws `token-invalid`, or `token-expired`; `toleranceMs` is how far a clock that issues tokens may be ahead. */
export function parseClaims(payload: JWTPayload, nowMs: number, toleranceMs: number): TokenClaims {
  const { sub, exp, iat, jti, name, color, weft } = payload
  const id = textOf('sub', sub)
  if (id === '') throw bad('sub', 'is empty')
  const expiresAtMs = timeOf('exp', exp)
  // No tolerance here: what is written after the end is never to be explained away by a clock.
  if (expiresAtMs <= nowMs) throw new SyncError('token-expired', 'The token is too old.')
  const issuedAtMs = iat === undefined ? 0 : timeOf('iat', iat)
  if (issuedAtMs > nowMs + toleranceMs) throw bad('iat', 'is in the future')
  const shownName = name === undefined ? id : textOf('name', name)
  if (color !== undefined && !(typeof color === 'string' && COLOR.test(color)))
    throw bad('color', 'is not like #1a2b3c')
  return {
    user: { id, name: shownName, color: color ?? colorOf(id) },
    tokenId: jti === undefined ? null : textOf('jti', jti),
    issuedAtMs,
    expiresAtMs,
    rules: parseRules(weft),
  }
}

function textOf(claim: string, value: unknown): string {
  if (typeof value !== 'string') throw bad(claim, 'is no text')
  if (value.length > MAX_CHARACTERS) throw bad(claim, `has more than ${MAX_CHARACTERS} characters`)
  if (!value.isWellFormed() || CONTROL_CHARACTERS.test(value)) throw bad(claim, 'holds what is no text')
  return value
}

/** In milliseconds since 1970. */
function timeOf(claim: string, value: unknown): number {
  if (typeof value !== 'number' || !(Math.abs(value) <= MAX_SECONDS)) throw bad(claim, 'is no time')
  return value * 1_000
}

function bad(claim: string, what: string): SyncError {
  return new SyncError('token-invalid', `The claim "${claim}" ${what}.`)
}
