/** Byte arrays at hand, where a parcel is asked for. */
import type { Parcel } from '../ports/parcel.ts'

/** `pieces` as a parcel. Whoever it is handed to takes them over. */
export function parcelOf(pieces: readonly Uint8Array[]): Parcel {
  return {
    pieces: pieces.length,
    bytes: pieces.reduce((sum, { length }) => sum + length, 0),
    passing: () => pieces,
    discard: () => undefined,
    [Symbol.iterator]: () => pieces[Symbol.iterator](),
  }
}
