/** Stub in progress. */
export class UpdateShape {
  /** Triples: client, first clock, end clock; highest client first. */
  readonly blocks: number[] = []
  /** How many triples of `blocks` are valid. */
  blockCount = 0
  /** Pairs: client, clock. */
  readonly needs: number[] = []
  needCount = 0
  /** Triples: client, clock, length. */
  readonly deletes: number[] = []
  deleteCount = 0
  structs = 0
}

export function walkUpdate(_update: Uint8Array, _shape: UpdateShape): void {
  throw new Error('not yet')
}
