/** Stub in progress. */
export function foldUpdates(
  _updates: readonly Uint8Array[],
  _stateVector: ReadonlyMap<number, number> | null,
): Uint8Array[] {
  throw new Error('not yet')
}
