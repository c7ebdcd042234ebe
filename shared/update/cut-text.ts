/**
 * Cuts a struct of text into several, as Yjs does where somebody types inside it; Yjs puts them together again.
 *
 * Yjs makes one struct of all that somebody has typed in a row, however much it is. In one piece it would hold up
 * every thread that it passes through.
 */
import { createEncoder, toUint8Array, writeUint8, writeUint8Array, writeVarUint } from 'lib0/encoding'
import { ByteReader } from './reader.ts'
import { HAS_ORIGIN, HAS_PARENT_KEY, HAS_RIGHT_ORIGIN, Kind, KIND_BITS } from './struct-format.ts'

/** A struct, ready to be put into an update. */
export interface TextPiece {
  readonly clock: number
  readonly bytes: Uint8Array
}

/** Where a struct lies in an update that was walked. */
export interface StructPlace {
  readonly client: number
  readonly clock: number
  readonly start: number
  readonly end: number
}

/** Bytes at most that an update of one piece has besides its text and what the first piece says of its place. */
const FRAME_BYTES = 80

/** The least text in a piece, however small it is asked to be. */
const MIN_TEXT_BYTES = 16

/** Whether the struct that begins at `start` is text. */
export function isText(update: Uint8Array, start: number): boolean {
  return ((update[start] ?? 0) & KIND_BITS) === Kind.string
}

/** The struct of text at `place` in pieces, each small enough for an update of `maxBytes` where that is not tiny. */
export function* cutText(
  update: Uint8Array,
  { client, clock, start, end }: StructPlace,
  maxBytes: number,
): Generator<TextPiece> {
  const { head, rightOrigin, textStart } = readHead(update, start)
  const info = (head[0] ?? 0) | HAS_ORIGIN
  const textBytes = Math.max(MIN_TEXT_BYTES, maxBytes - FRAME_BYTES - head.length)
  let pieceClock = clock
  for (let at = textStart; at < end;) {
    const pieceEnd = at + textBytes < end ? startOfCharacter(update, at + textBytes) : end
    const encoder = createEncoder()
    if (at === textStart) writeUint8Array(encoder, head)
    else {
      // It stands to the right of what was cut off; its parent is that one's.
      writeUint8(encoder, info)
      writeVarUint(encoder, client)
      writeVarUint(encoder, pieceClock - 1)
      writeUint8Array(encoder, rightOrigin)
    }
    writeVarUint(encoder, pieceEnd - at)
    writeUint8Array(encoder, update.subarray(at, pieceEnd))
    yield { clock: pieceClock, bytes: toUint8Array(encoder) }
    pieceClock += unitsIn(update, at, pieceEnd)
    at = pieceEnd
  }
}

/** What a struct of text holds before its text; it was walked, so nothing is checked. */
function readHead(update: Uint8Array, start: number) {
  const info = update[start] ?? 0
  const input = new ByteReader()
  input.open(update)
  input.position = start + 1
  if ((info & HAS_ORIGIN) !== 0) skipId(input)
  const rightOriginStart = input.position
  if ((info & HAS_RIGHT_ORIGIN) !== 0) skipId(input)
  const rightOrigin = update.subarray(rightOriginStart, input.position)
  if ((info & (HAS_ORIGIN | HAS_RIGHT_ORIGIN)) === 0) {
    if (input.varUint() === 1) input.skipBytes()
    else skipId(input)
    if ((info & HAS_PARENT_KEY) !== 0) input.skipBytes()
  }
  const head = update.subarray(start, input.position)
  input.varUint()
  return { head, rightOrigin, textStart: input.position }
}

function skipId(input: ByteReader): void {
  input.varUint()
  input.varUint()
}

/** `at`, or where the character of UTF-8 begins that it lies in. */
function startOfCharacter(bytes: Uint8Array, at: number): number {
  let start = at
  while (((bytes[start] ?? 0) & 0xc0) === 0x80) start--
  return start
}

/** The length of UTF-8 in UTF-16 units: one a character, two where it has four bytes. */
function unitsIn(bytes: Uint8Array, start: number, end: number): number {
  let units = 0
  for (let at = start; at < end; at++) {
    const byte = bytes[at] ?? 0
    if ((byte & 0xc0) !== 0x80) units += byte >= 0xf0 ? 2 : 1
  }
  return units
}
