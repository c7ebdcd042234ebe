/** Turns what people type into the link field into an address that is safe to follow. */

const SAFE_PROTOCOLS = new Set(['http:', 'https:', 'mailto:'])

/**
 * `typed` as an absolute URL: a bare host gets `https://`, a bare e-mail address `mailto:`.
 * Null when it is no address, or one that would run script.
 */
export function parseLinkAddress(typed: string): string | null {
  const trimmed = typed.trim()
  if (trimmed === '' || /\s/.test(trimmed)) return null
  if (/^[^@/:]+@[^@/:]+\.[^@/:]+$/.test(trimmed)) return `mailto:${trimmed}`
  const hasScheme = /^[a-z][a-z0-9+.-]*:(?!\d+(\/|$))/i.test(trimmed)
  const candidate = hasScheme ? trimmed : `https://${trimmed}`
  if (!URL.canParse(candidate)) return null
  const url = new URL(candidate)
  if (!SAFE_PROTOCOLS.has(url.protocol)) return null
  if (!hasScheme && !url.hostname.includes('.') && url.hostname !== 'localhost') return null
  return candidate
}
