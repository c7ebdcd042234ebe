/** The first byte of a struct in Yjs' V1 format. */

/** What a struct is: the low five bits of its first byte. */
export const Kind = {
  gc: 0,
  deleted: 1,
  json: 2,
  binary: 3,
  string: 4,
  embed: 5,
  format: 6,
  type: 7,
  any: 8,
  document: 9,
  skip: 10,
} as const

/** The part of the first byte that says the kind. */
export const KIND_BITS = 0b0001_1111
/** The parent's key is named, … */
export const HAS_PARENT_KEY = 0b0010_0000
/** … its right neighbour's id, … */
export const HAS_RIGHT_ORIGIN = 0b0100_0000
/** … its left neighbour's. */
export const HAS_ORIGIN = 0b1000_0000
