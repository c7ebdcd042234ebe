/**
 * Takes tokens out of what is about to be written or shown. Code does not put them there; this is for what libraries,
 * addresses and causes of errors carry along.
 */

const SECRETS: readonly (readonly [RegExp, string])[] = [
  // A JWT begins with `{"` in base64url, in its header and, where it is readable, in its claims.
  [/\beyJ[\w-]*\.[\w-]*\.?[\w-]*/g, '[token]'],
  [/\bwl_[\w-]{20,}/g, '[token]'],
  [/(weft\.token\.)[\w.~+/=-]+/g, '$1[token]'],
  [/(\bbearer\s+)[\w.~+/=-]+/gi, '$1[token]'],
  [/([?&#](?:token|link)=)[^&#\s"'\\]+/gi, '$1[token]'],
  [/("(?:token|secret|authorization|password)"\s*:\s*")[^"]+/gi, '$1[token]'],
]

/** `text` with every token that can be told by its form or by what stands before it replaced. */
export function redact(text: string): string {
  return SECRETS.reduce((redacted, [pattern, replacement]) => redacted.replaceAll(pattern, replacement), text)
}
