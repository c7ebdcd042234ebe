/**
 * Checking SQLite's write-ahead log before SQLite reads it.
 *
 * SQLite takes the log up to the first frame whose checksum does not fit, and silently drops the rest: right for
 * a commit that a crash cut off, wrong for a flipped bit, which takes with it every later commit that was already
 * on disk. The two can be told apart: each commit waits for the disk before the next begins, so only the last
 * transaction in the log can be cut off.
 *
 * The format is at https://sqlite.org/fileformat2.html#walformat.
 */
import { readFileSync } from 'node:fs'
import { SyncError } from '../../shared/errors.ts'
import { PAGE_BYTES } from './database.ts'

const HEADER_BYTES = 32
const FRAME_HEADER_BYTES = 24

/** The magic number's last bit says that checksums are reckoned over big-endian words. */
const MAGIC = 0x377f0682

/** A pair of running sums, each 32 bits. */
type WalSums = readonly [number, number]

/** Throws `storage-corrupt` when commits in the write-ahead log `file` would be dropped. A missing log is sound. */
export function checkWal(file: string): void {
  const wal = readIfThere(file)
  if (wal === null || wal.length < HEADER_BYTES + FRAME_HEADER_BYTES) return
  const header = readHeader(wal)
  let { sums, damagedAt } = header
  let isCommitAfterDamage = false
  const frameBytes = FRAME_HEADER_BYTES + header.pageBytes
  for (let at = HEADER_BYTES; at + frameBytes <= wal.length; at += frameBytes) {
    // Frames with other salts are left over from before the log was last begun anew.
    if (!header.salts.equals(wal.subarray(at + 8, at + 16))) return
    if (isCommitAfterDamage && damagedAt !== null) throw lostCommits(file, damagedAt)
    if (damagedAt === null) {
      sums = addSums(sums, wal.subarray(at, at + 8), header.isBigEndian)
      sums = addSums(sums, wal.subarray(at + FRAME_HEADER_BYTES, at + frameBytes), header.isBigEndian)
      if (!isEqual(sums, wal, at + 16)) damagedAt = at
    }
    // Not 0 in the last frame of a transaction.
    const databasePages = wal.readUInt32BE(at + 4)
    if (damagedAt !== null && databasePages !== 0) isCommitAfterDamage = true
  }
}

interface WalHeader {
  readonly isBigEndian: boolean
  readonly pageBytes: number
  /** What the frames of this log, and no others, carry. */
  readonly salts: Buffer
  readonly sums: WalSums
  readonly damagedAt: number | null
}

function readHeader(wal: Buffer): WalHeader {
  const magic = wal.readUInt32BE(0)
  const isBigEndian = (magic & 1) === 1
  const sums = addSums([0, 0], wal.subarray(0, 24), isBigEndian)
  const salts = wal.subarray(16, 24)
  if (magic - (magic & 1) === MAGIC && isEqual(sums, wal, 24)) {
    return { isBigEndian, pageBytes: wal.readUInt32BE(8), salts, sums, damagedAt: null }
  }
  // One of the salts may be what is damaged. When neither fits, the frames are those of an earlier log.
  const ofFrame = wal.subarray(HEADER_BYTES + 8, HEADER_BYTES + 16)
  const isTheirs =
    salts.readUInt32BE(0) === ofFrame.readUInt32BE(0) || salts.readUInt32BE(4) === ofFrame.readUInt32BE(4)
  return { isBigEndian, pageBytes: PAGE_BYTES, salts: isTheirs ? ofFrame : salts, sums, damagedAt: 0 }
}

function addSums([first, second]: WalSums, bytes: Buffer, isBigEndian: boolean): WalSums {
  let [a, b] = [first, second]
  for (let at = 0; at < bytes.length; at += 8) {
    a = (a + (isBigEndian ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at)) + b) >>> 0
    b = (b + (isBigEndian ? bytes.readUInt32BE(at + 4) : bytes.readUInt32LE(at + 4)) + a) >>> 0
  }
  return [a, b]
}

/** Stored sums are big-endian, whatever they were reckoned over. */
function isEqual([a, b]: WalSums, wal: Buffer, at: number): boolean {
  return wal.readUInt32BE(at) === a && wal.readUInt32BE(at + 4) === b
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
