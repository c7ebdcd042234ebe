/** SQLite's write-ahead log as bytes. The format is at https://sqlite.org/fileformat2.html#walformat. */

export const HEADER_BYTES = 32
export const FRAME_HEADER_BYTES = 24

/** The part of a frame's header that its sums cover; after it come the salts and the sums. */
export const COVERED_HEADER_BYTES = 8

/** The magic number's last bit says that sums are reckoned over big-endian words. */
const MAGIC = 0x377f0682

const VERSION = 3_007_000

/** A pair of running sums, each 32 bits: each frame's carry on those of the frame before. */
export type WalSums = readonly [number, number]

/** Where one bit is: which byte, and its value in it. */
export interface BitPlace {
  readonly at: number
  readonly mask: number
}

export function isBigEndian(wal: Buffer): boolean {
  return (wal.readUInt32BE(0) & 1) === 1
}

export function pageBytesOf(wal: Buffer): number {
  return wal.readUInt32BE(8)
}

/** Whether `header` can be one of a log with pages of `pageBytes`. */
export function isPlausibleHeader(header: Buffer, pageBytes: number): boolean {
  const magic = header.readUInt32BE(0)
  return magic - (magic & 1) === MAGIC && header.readUInt32BE(4) === VERSION && pageBytesOf(header) === pageBytes
}

/** What a frame's sums are reckoned over: the first part of its header, and its page. */
export function coveredOf(frame: Buffer): Buffer {
  return Buffer.concat([frame.subarray(0, COVERED_HEADER_BYTES), frame.subarray(FRAME_HEADER_BYTES)])
}

/** The sums that are stored at `at`: big-endian, whatever they were reckoned over. */
export function sumsAt(wal: Buffer, at: number): WalSums {
  return [wal.readUInt32BE(at), wal.readUInt32BE(at + 4)]
}

export function isSame([a, b]: WalSums, [c, d]: WalSums): boolean {
  return a === c && b === d
}

export function addSums([first, second]: WalSums, bytes: Buffer, isBig: boolean): WalSums {
  let [a, b] = [first, second]
  for (let at = 0; at < bytes.length; at += 8) {
    a = (a + readWord(bytes, at, isBig) + b) >>> 0
    b = (b + readWord(bytes, at + 4, isBig) + a) >>> 0
  }
  return [a, b]
}

/**
 * The bits of `bytes` any one of which, turned, leads from the sums `is` to the sums `wanted`.
 *
 * What a word adds to the sums depends on how far it is from the end only, so none is tried out. The high bits of words
 * some way apart add the same: there may be several.
 */
export function bitsBetween(is: WalSums, wanted: WalSums, bytes: Buffer, isBig: boolean): BitPlace[] {
  const change: WalSums = [(wanted[0] - is[0]) >>> 0, (wanted[1] - is[1]) >>> 0]
  const places: BitPlace[] = []
  let first: WalSums = [1, 1]
  let second: WalSums = [0, 1]
  for (let at = bytes.length - 8; at >= 0; at -= 8) {
    places.push(...bitsOfWord(bytes, at, { weight: first, change, isBig }))
    places.push(...bitsOfWord(bytes, at + 4, { weight: second, change, isBig }))
    first = carried(first)
    second = carried(second)
  }
  return places
}

interface Sought {
  /** What 1 in this word adds to the sums. */
  readonly weight: WalSums
  readonly change: WalSums
  readonly isBig: boolean
}

function bitsOfWord(bytes: Buffer, at: number, { weight, change, isBig }: Sought): BitPlace[] {
  const word = readWord(bytes, at, isBig)
  const places: BitPlace[] = []
  for (let bit = 0; bit < 32; bit++) {
    const value = 1 << bit
    const turned = (word & value) === 0 ? value : -value
    const adds: WalSums = [Math.imul(weight[0], turned) >>> 0, Math.imul(weight[1], turned) >>> 0]
    const byte = bit >>> 3
    if (isSame(adds, change)) places.push({ at: at + (isBig ? 3 - byte : byte), mask: 1 << (bit & 7) })
  }
  return places
}

/** What a change of the sums becomes one pair of words later. */
function carried([a, b]: WalSums): WalSums {
  const first = (a + b) >>> 0
  return [first, (b + first) >>> 0]
}

function readWord(bytes: Buffer, at: number, isBig: boolean): number {
  return isBig ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at)
}
