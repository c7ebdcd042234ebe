/**
 * Byte arrays in order, on their way from one thread to another and closed for those between: what is as large as a document
 * costs the event loop nothing, as long as nobody looks into it there.
 */
export interface Parcel extends Iterable<Uint8Array> {
  /** How many byte arrays it holds. */
  readonly pieces: number
  /** Of all of them together. */
  readonly bytes: number
  /** Its pieces, each of which is gone when the next is asked for. */
  passing(): Iterable<Uint8Array>
  /** Gives it up unopened. Whoever gets one either hands it on, goes through it, once and even if not to the end, or does this. */
  discard(): void
}
