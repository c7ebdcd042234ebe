/**
 * y-leveldb's keys: lists of words and numbers, encoded so that LevelDB sorts a document's updates by their number.
 *
 * A word is byte 0 and a string of lib0, a number is byte 1 and four bytes, the highest first. An update is stored under
 * `['v1', document, 'update', number]`.
 */
import { createDecoder, hasContent, readUint32BigEndian, readUint8, readVarString } from 'lib0/decoding'
import { createEncoder, toUint8Array, writeUint32BigEndian, writeUint8, writeVarString } from 'lib0/encoding'

const WORD = 0
const NUMBER = 1

const LAST_NUMBER = 2 ** 32 - 1

/** A range of keys, both ends included. */
export interface KeyRange {
  readonly gte: Uint8Array
  readonly lte: Uint8Array
}

/** The keys of a document's updates, in the order they were written. */
export function updateKeys(document: string): KeyRange {
  return {
    gte: encodeKey(['v1', document, 'update', 0]),
    lte: encodeKey(['v1', document, 'update', LAST_NUMBER]),
  }
}

/** All keys that begin with the word `first`. */
export function keysUnder(first: string): KeyRange {
  const start = encodeKey([first])
  // What follows begins with one of two small bytes.
  return { gte: start, lte: Uint8Array.of(...start, 255) }
}

/** The parts of a key; null when it is none of y-leveldb's. */
export function decodeKey(key: Uint8Array): readonly (string | number)[] | null {
  const decoder = createDecoder(key)
  const parts: (string | number)[] = []
  try {
    while (hasContent(decoder)) {
      const kind = readUint8(decoder)
      if (kind !== WORD && kind !== NUMBER) return null
      parts.push(kind === WORD ? readVarString(decoder) : readUint32BigEndian(decoder))
    }
    return parts
  } catch {
    // lib0 throws where a value is cut off, which is the answer.
    return null
  }
}

function encodeKey(parts: readonly (string | number)[]): Uint8Array {
  const encoder = createEncoder()
  for (const part of parts) {
    writeUint8(encoder, typeof part === 'string' ? WORD : NUMBER)
    if (typeof part === 'string') writeVarString(encoder, part)
    else writeUint32BigEndian(encoder, part)
  }
  return toUint8Array(encoder)
}
