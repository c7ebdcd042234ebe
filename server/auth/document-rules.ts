/**
 * What a token gives in which documents: the claim `weft`, an array of rules.
 *
 * Each rule names one document, or all whose names begin with a prefix, and a role or `none`. `none` wins over everything;
 * else the rule that says most counts: the name itself before a prefix, a longer prefix before a shorter one.
 */
import { SyncError } from '../../shared/errors.ts'
import { isRole, type Role } from '../../shared/roles.ts'

/** One rule of the claim. */
export interface DocumentRule {
  /** The name, or what it begins with. */
  readonly name: string
  readonly isPrefix: boolean
  readonly role: Role | 'none'
}

/** The rules in a claim; none where there is no claim. Throws `token-invalid` when it is not as described. */
export function parseRules(claim: unknown): readonly DocumentRule[] {
  if (claim === undefined) return []
  if (!Array.isArray(claim)) throw badClaim('is not an array')
  return claim.map(parseRule)
}

/** The role that `rules` give in a document; null when they give none. */
export function roleIn(rules: readonly DocumentRule[], document: string): Role | null {
  let best: DocumentRule | null = null
  for (const rule of rules) {
    if (rule.isPrefix ? !document.startsWith(rule.name) : document !== rule.name) continue
    if (rule.role === 'none') return null
    if (best === null || isCloser(rule, best)) best = rule
  }
  return best === null || best.role === 'none' ? null : best.role
}

function isCloser(rule: DocumentRule, than: DocumentRule): boolean {
  if (rule.isPrefix !== than.isPrefix) return than.isPrefix
  return rule.name.length > than.name.length
}

function parseRule(rule: unknown): DocumentRule {
  if (typeof rule !== 'object' || rule === null) throw badClaim('holds something that is no object')
  const { document, prefix, role } = rule as Readonly<Record<string, unknown>>
  if (role !== 'none' && !isRole(role)) throw badClaim('holds an unknown role')
  if (typeof document === 'string' && prefix === undefined) return { name: document, isPrefix: false, role }
  if (typeof prefix === 'string' && document === undefined) return { name: prefix, isPrefix: true, role }
  throw badClaim('holds a rule with not exactly one of "document" and "prefix"')
}

function badClaim(what: string): SyncError {
  return new SyncError('token-invalid', `The claim "weft" ${what}.`)
}
