/** Bytes put together by hand, in lib0's encodings: what no library would write can be written with these. */
import * as encoding from 'lib0/encoding'

/** A single byte, or bytes. */
export type Part = number | Uint8Array

export function join(...parts: readonly Part[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(Buffer.concat(parts.map((part) => (typeof part === 'number' ? Uint8Array.of(part) : part))))
}

/** `count` parts, one after the other. */
export function repeat(count: number, part: (index: number) => Uint8Array): Uint8Array {
  return Uint8Array.from(Buffer.concat(Array.from({ length: count }, (_, index) => part(index))))
}

/** Seven bits a byte, lower ones first. */
export function varUint(value: number): Uint8Array {
  return encoding.encode((encoder) => encoding.writeVarUint(encoder, value))
}

/** A length and that many bytes of UTF-8. */
export function varString(text: string): Uint8Array {
  return varBytes(Buffer.from(text))
}

/** A length and that many bytes. */
export function varBytes(bytes: Uint8Array): Uint8Array {
  return join(varUint(bytes.length), bytes)
}

/** A number padded to more groups of seven bits than any number needs. */
export const OVERLONG = join(...Array.from({ length: 15 }, () => 0x80), 0)

/** The largest whole number that a double holds, and that lib0 reads. */
export const HUGE = Number.MAX_SAFE_INTEGER

/** A length of 256 MB. */
export const BOMB = varUint(2 ** 28)
