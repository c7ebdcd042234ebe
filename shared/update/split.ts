/** Stub in progress. */
export function splitUpdate(_update: Uint8Array, _maxBytes: number): Uint8Array[] {
  throw new Error('not yet')
}
