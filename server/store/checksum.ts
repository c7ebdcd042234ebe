/** Checksums over what is stored: SQLite's own integrity check calls a flipped bit in a blob sound. */
import { crc32 } from 'node:zlib'

/** CRC-32's polynomial, as a number whose highest bit stands for 1; the others for x, x², … */
const POLYNOMIAL = 0xedb88320
const ONE = 0x80000000
/** x to the 8: what a byte moves what comes before it by. */
const BYTE = 0x00800000

/**
 * CRC-32 of `payload` and of where it belongs: `place` names table and key, so that a row that was lost,
 * swapped or put in another's place does not pass for a sound one.
 */
export function checksumOf(place: readonly (string | number)[], payload: Uint8Array): number {
  return crc32(payload, crc32(place.join('/')))
}

/** `before` carried on over `payload`: equal only when all pieces are there, in order. */
export function carryChecksum(before: number, payload: Uint8Array): number {
  return crc32(payload, before)
}

/** The same without the payload: what `carryChecksum` makes of one of so many bytes, whose own checksum is `ofPayload`. */
export function joinChecksums(before: number, ofPayload: number, bytes: number): number {
  let moved = before
  let power = BYTE
  // The checksum is a remainder: what comes before `bytes` others is multiplied by x to the 8 × bytes.
  for (let left = bytes; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) moved = multiply(moved, power)
    power = multiply(power, power)
  }
  return (moved ^ ofPayload) >>> 0
}

/** The product of two remainders. */
function multiply(a: number, b: number): number {
  let product = 0
  let shifted = b
  for (let bit = ONE; bit !== 0; bit >>>= 1) {
    if ((a & bit) !== 0) product ^= shifted
    shifted = (shifted & 1) === 0 ? shifted >>> 1 : (shifted >>> 1) ^ POLYNOMIAL
  }
  return product >>> 0
}
