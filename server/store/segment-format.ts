/**
 * What a segment's payload holds, and its packed form.
 *
 * Packed, the updates of one length stand as columns: their first bytes, then their second bytes, and so on.
 * Keystrokes differ from their neighbours in two or three places, so most columns are constant or count up, and
 * brotli then writes a 260,000-keystroke document in a fifth of what it needs for the plain run.
 */
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib'
import { SyncError } from '../../shared/errors.ts'
import type { PendingUpdate } from '../ports/store.ts'
import { checksumOf } from './checksum.ts'
import { decodeLargeRun, type PartsSource, readLargeRun } from './large-run.ts'
import { decodeRun, readColumns, readLengths } from './run.ts'

/** How a payload is stored. Numbers are never reused. */
export const Encoding = {
  /** A run, as it is. */
  run: 0,
  /** The run with its updates' bytes in columns, brotli-compressed. */
  columns: 1,
  /** A large run: the update's bytes are in parts. */
  large: 2,
} as const

/** Longer updates are pasted text and the like, which columns would only shred. */
const MAX_COLUMN_UPDATE_BYTES = 128

/** Above 5 brotli takes many times as long for the last few per cent. */
const BROTLI_QUALITY = 5

export interface Segment {
  readonly document: number
  readonly firstSeq: number
  readonly lastSeq: number
  readonly encoding: number
  readonly payload: Uint8Array
}

/** CRC-32 over a segment's place and payload. */
export function segmentChecksum({ document, firstSeq, lastSeq, encoding, payload }: Segment): number {
  return checksumOf(['segment', document, firstSeq, lastSeq, encoding], payload)
}

/** The updates of `segment`. Throws a SyncError when the payload cannot be read. */
export function decodeSegment({ firstSeq, lastSeq, encoding, payload }: Segment, parts: PartsSource): PendingUpdate[] {
  const count = lastSeq - firstSeq + 1
  if (encoding === Encoding.run) return decodeRun(payload, count)
  if (encoding === Encoding.columns) return decodeRun(unpackColumns(payload, count), count)
  if (encoding === Encoding.large) return decodeLargeRun(payload, parts)
  throw unknownEncoding(encoding)
}

/** When each of its updates was taken, without reading what they hold. Throws a SyncError as `decodeSegment` does. */
export function readTimes({ firstSeq, lastSeq, encoding, payload }: Segment): readonly number[] {
  const count = lastSeq - firstSeq + 1
  if (encoding === Encoding.run) return readColumns(payload, count).times
  if (encoding === Encoding.columns) return readColumns(brotliDecompressSync(payload), count).times
  if (encoding === Encoding.large) return [readLargeRun(payload).atMs]
  throw unknownEncoding(encoding)
}

/** `run`, of `count` updates, as the payload of a packed segment. */
export function packColumns(run: Uint8Array, count: number): Uint8Array {
  const columns = moveColumns(run, count, 'in')
  return brotliCompressSync(columns, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY,
      [constants.BROTLI_PARAM_SIZE_HINT]: columns.length,
    },
  })
}

/** The run that `packColumns` packed. */
export function unpackColumns(payload: Uint8Array, count: number): Uint8Array {
  return moveColumns(brotliDecompressSync(payload), count, 'out')
}

/** `run` with its updates' bytes moved into columns, or out of them again. What comes before them tells where. */
function moveColumns(run: Uint8Array, count: number, direction: 'in' | 'out'): Uint8Array {
  const { lengths, dataStart } = readLengths(run, count)
  // Not slice(), which shares memory when brotli returned a Buffer.
  const moved = new Uint8Array(run)
  let column = dataStart
  for (const [length, rows] of groupByLength(lengths, dataStart)) {
    if (length > MAX_COLUMN_UPDATE_BYTES) {
      for (const row of rows) {
        const [from, to] = direction === 'in' ? [row, column] : [column, row]
        moved.set(run.subarray(from, from + length), to)
        column += length
      }
      continue
    }
    for (let i = 0; i < length; i++) {
      for (const row of rows) {
        if (direction === 'in') moved[column++] = run[row + i] ?? 0
        else moved[row + i] = run[column++] ?? 0
      }
    }
  }
  return moved
}

function unknownEncoding(encoding: number): SyncError {
  return new SyncError('storage-corrupt', `Encoding ${encoding} is not known to this version of Weft.`)
}

/** Per length, where the updates of that length start. */
function groupByLength(lengths: readonly number[], start: number): Map<number, number[]> {
  const groups = new Map<number, number[]>()
  let row = start
  for (const length of lengths) {
    const group = groups.get(length)
    if (group === undefined) groups.set(length, [row])
    else group.push(row)
    row += length
  }
  return groups
}
