/** Checksums over what is stored: SQLite's own integrity check calls a flipped bit in a blob sound. */
import { crc32 } from 'node:zlib'

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
