/** What is configured about keys; apart from keys.ts, so that a server without any loads nothing for them. */

export interface KeyOptions {
  /** Shared with whoever signs; empty: none. */
  readonly jwtSecret: string
  /** A PEM file with a public key, or a JSON file with a key set; empty: none. */
  readonly jwtKeyFile: string
  /** Where a key set is; empty: nowhere. */
  readonly jwksUrl: string
  /** Separated by commas; empty: HS256 with a secret. */
  readonly jwtAlgorithms: string
  /** How long a key set is good. */
  readonly jwksCacheMs: number
  /** How long no other is fetched because of a key that is not in it. */
  readonly jwksCooldownMs: number
  readonly jwksTimeoutMs: number
}

/** Whether any key is configured. */
export function hasKeys({ jwtSecret, jwtKeyFile, jwksUrl }: KeyOptions): boolean {
  return [jwtSecret, jwtKeyFile, jwksUrl].some((source) => source !== '')
}
