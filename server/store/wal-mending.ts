/**
 * Checking SQLite's write-ahead log before SQLite reads it, and putting back a bit that flipped.
 *
 * SQLite takes the log up to the first frame whose sums do not fit, and silently drops the rest: right for a commit
 * that a crash cut off, wrong for a flipped bit, which takes with it every later commit that was already on disk. The
 * two can be told apart: each commit waits for the disk before the next begins, so only the last transaction in the
 * log can be cut off.
 *
 * Of a single flipped bit nothing is lost. The sums, 64 bits that every later frame vouches for, tell which it was; where
 * they leave a choice, of the highest bits of some words, it does not matter if the page is written again later on.
 */
import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs'
import { SyncError } from '../../shared/errors.ts'
import { PAGE_BYTES } from './database.ts'
import {
  addSums,
  bitsBetween,
  COVERED_HEADER_BYTES,
  coveredOf,
  FRAME_HEADER_BYTES,
  HEADER_BYTES,
  isBigEndian,
  isPlausibleHeader,
  isSame,
  pageBytesOf,
  sumsAt,
  type BitPlace,
  type WalSums,
} from './wal-format.ts'

const SALTS_IN_HEADER = 16
const SUMS_IN_HEADER = 24
const SALTS_IN_FRAME = 8
const SUMS_IN_FRAME = 16

/** More pages than any store has: a page number above it is what a flipped bit made of one. */
const MAX_PAGES = 2 ** 25

/**
 * Mends the write-ahead log `file`; returns what was done, a sentence each. A missing or sound log is left alone. Throws
 * `storage-corrupt` when commits in it would be dropped.
 */
export function mendWal(file: string): string[] {
  const wal = readIfThere(file)
  if (wal === null || wal.length < HEADER_BYTES + FRAME_HEADER_BYTES) return []
  const before = Buffer.from(wal)
  const log = new Wal(wal)
  const damagedAt = log.mend()
  if (damagedAt !== null && log.losesCommits(damagedAt)) throw lostCommits(file, damagedAt)
  if (wal.equals(before)) return []
  const changed = [...wal.keys()].filter((at) => wal[at] !== before[at])
  writeBytes(file, wal, changed)
  return changed.map((at) => `Byte ${at} of ${file} was ${before[at]} and has been put back to ${wal[at]}.`)
}

class Wal {
  readonly #wal: Buffer
  readonly #isBig: boolean
  readonly #frameBytes: number = FRAME_HEADER_BYTES + PAGE_BYTES
  /** What the frames of this log, and no others, carry. */
  readonly #salts: Buffer
  /** Where the last frame of this log begins; what follows is left over from before it was last begun anew. */
  readonly #lastAt: number

  constructor(wal: Buffer) {
    this.#wal = wal
    this.#mendHeader()
    this.#isBig = isBigEndian(wal)
    const isSound = this.#isHeaderSound()
    if (isSound) this.#frameBytes = FRAME_HEADER_BYTES + pageBytesOf(wal)
    this.#salts = isSound ? saltsOf(wal) : likelySaltsOf(wal)
    this.#lastAt = this.#findLast()
  }

  /** Puts back what can be; returns where the first damage is that cannot, null when there is none. */
  mend(): number | null {
    const wal = this.#wal
    if (!this.#isHeaderSound()) return 0
    let sums = sumsAt(wal, SUMS_IN_HEADER)
    for (let at = HEADER_BYTES; at + this.#frameBytes <= wal.length; at += this.#frameBytes) {
      if (!this.#fits(at, sums)) {
        if (at > this.#lastAt) return null
        if (!this.#mendFrame(at, sums)) return at
      }
      // Sums that fit say whose frame it is better than its salts do.
      this.#salts.copy(wal, at + SALTS_IN_FRAME)
      sums = sumsAt(wal, at + SUMS_IN_FRAME)
    }
    return null
  }

  /** Whether there are commits after the transaction that is damaged at `damagedAt`. */
  losesCommits(damagedAt: number): boolean {
    for (let at = Math.max(damagedAt, HEADER_BYTES); at < this.#lastAt; at += this.#frameBytes) {
      if (this.#pagesAfter(at) !== 0) return true
    }
    return false
  }

  #isHeaderSound(): boolean {
    return isSame(sumsOfHeader(this.#wal), sumsAt(this.#wal, SUMS_IN_HEADER))
  }

  #mendHeader(): void {
    const wal = this.#wal
    const stored = sumsAt(wal, SUMS_IN_HEADER)
    if (this.#isHeaderSound()) return
    const covered = wal.subarray(0, SUMS_IN_HEADER)
    for (const isBig of [true, false]) {
      for (const place of bitsBetween(addSums([0, 0], covered, isBig), stored, covered, isBig)) {
        turn(covered, place)
        if (isBigEndian(wal) === isBig && isHeaderLikely(wal)) return
        turn(covered, place)
      }
    }
    // Else the sums are what is wrong: the first frame tells.
    if (isHeaderLikely(wal) && this.#fits(HEADER_BYTES, sumsOfHeader(wal)))
      writeSums(wal, SUMS_IN_HEADER, sumsOfHeader(wal))
  }

  /** Makes the frame fit the sums before it, if one bit or the stored sums are all that is wrong with it. */
  #mendFrame(at: number, before: WalSums): boolean {
    const frame = this.#wal.subarray(at, at + this.#frameBytes)
    const sums = this.#sumsAfter(at, before)
    const stored = sumsAt(frame, SUMS_IN_FRAME)
    if (at < this.#lastAt && this.#fits(at + this.#frameBytes, sums)) {
      writeSums(frame, SUMS_IN_FRAME, sums)
      return true
    }
    const places = bitsBetween(sums, stored, coveredOf(frame), this.#isBig)
      .map((place) =>
        place.at < COVERED_HEADER_BYTES
          ? place
          : { ...place, at: place.at + FRAME_HEADER_BYTES - COVERED_HEADER_BYTES },
      )
      .filter((place) => isLikelyWith(frame, place))
    const [first] = places
    if (first === undefined) return false
    const isInPage = places.every((place) => place.at >= FRAME_HEADER_BYTES)
    if (places.length > 1 && !(isInPage && this.#isWrittenAgain(at))) return false
    turn(frame, first)
    return true
  }

  /** Whether a later commit holds the page again, so that nobody reads it from the frame at `at`. */
  #isWrittenAgain(at: number): boolean {
    const page = this.#wal.readUInt32BE(at)
    let isThere = false
    for (let later = at + this.#frameBytes; later <= this.#lastAt; later += this.#frameBytes) {
      isThere ||= this.#wal.readUInt32BE(later) === page
      if (isThere && this.#pagesAfter(later) !== 0) return true
    }
    return false
  }

  #findLast(): number {
    const { length } = this.#wal
    const frames = Math.floor((length - HEADER_BYTES) / this.#frameBytes)
    for (let at = HEADER_BYTES + (frames - 1) * this.#frameBytes; at >= HEADER_BYTES; at -= this.#frameBytes) {
      if (this.#salts.equals(this.#wal.subarray(at + SALTS_IN_FRAME, at + SUMS_IN_FRAME))) return at
    }
    return 0
  }

  /** The size of the database after the frame's transaction; 0 in all frames of one but the last. */
  #pagesAfter(at: number): number {
    return this.#wal.readUInt32BE(at + 4)
  }

  #sumsAfter(at: number, before: WalSums): WalSums {
    const wal = this.#wal
    const sums = addSums(before, wal.subarray(at, at + COVERED_HEADER_BYTES), isBigEndian(wal))
    return addSums(sums, wal.subarray(at + FRAME_HEADER_BYTES, at + this.#frameBytes), isBigEndian(wal))
  }

  #fits(at: number, before: WalSums): boolean {
    return isSame(this.#sumsAfter(at, before), sumsAt(this.#wal, at + SUMS_IN_FRAME))
  }
}

function sumsOfHeader(wal: Buffer): WalSums {
  return addSums([0, 0], wal.subarray(0, SUMS_IN_HEADER), isBigEndian(wal))
}

function saltsOf(wal: Buffer): Buffer {
  return wal.subarray(SALTS_IN_HEADER, SUMS_IN_HEADER)
}

function saltsOfFirstFrame(wal: Buffer): Buffer {
  return wal.subarray(HEADER_BYTES + SALTS_IN_FRAME, HEADER_BYTES + SUMS_IN_FRAME)
}

/** One of the header's two salts may be what is damaged. When neither fits, the frames are those of an earlier log. */
function likelySaltsOf(wal: Buffer): Buffer {
  const [salts, ofFrame] = [saltsOf(wal), saltsOfFirstFrame(wal)]
  const areTheirs = [0, 4].some((half) => salts.readUInt32BE(half) === ofFrame.readUInt32BE(half))
  return areTheirs ? ofFrame : salts
}

function isHeaderLikely(wal: Buffer): boolean {
  return isPlausibleHeader(wal, PAGE_BYTES) && saltsOf(wal).equals(saltsOfFirstFrame(wal))
}

/** Whether the frame names a possible page, and a possible size of the database, once the bit is turned. */
function isLikelyWith(frame: Buffer, place: BitPlace): boolean {
  turn(frame, place)
  const page = frame.readUInt32BE(0)
  const isLikely = page > 0 && page <= MAX_PAGES && frame.readUInt32BE(4) <= MAX_PAGES
  turn(frame, place)
  return isLikely
}

function turn(bytes: Buffer, { at, mask }: BitPlace): void {
  bytes.writeUInt8(bytes.readUInt8(at) ^ mask, at)
}

function writeSums(bytes: Buffer, at: number, [a, b]: WalSums): void {
  bytes.writeUInt32BE(a, at)
  bytes.writeUInt32BE(b, at + 4)
}

function writeBytes(file: string, wal: Buffer, places: readonly number[]): void {
  const descriptor = openSync(file, 'r+')
  try {
    for (const at of places) writeSync(descriptor, wal, at, 1, at)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

function lostCommits(file: string, at: number): SyncError {
  return new SyncError(
    'storage-corrupt',
    `${file} is damaged at byte ${at}, and commits that were saved after it cannot be read. Restore a backup; or, to go on without them, copy the folder and run: truncate -s ${at} '${file}'`,
  )
}

function readIfThere(file: string): Buffer | null {
  try {
    return readFileSync(file)
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return null
    throw thrown
  }
}
