/**
 * A run: consecutive updates of one document with who sent each and when, as bytes.
 *
 * Journal rows and segments hold runs in this one form. How many updates a run has is stored beside it.
 *
 *   varUint authors; per author: varBytes user, varBytes name (UTF-8)
 *   varUint milliseconds since 1970 of the first update
 *   per further update: zigzag varUint, milliseconds since the one before
 *   with two authors and more, per update: varUint, which
 *   per update: varUint, its length
 *   the updates' bytes
 *
 * In columns, since what is alike compresses best side by side.
 */
import { SyncError } from '../../shared/errors.ts'
import { ByteReader } from '../../shared/update/reader.ts'
import type { Author, PendingUpdate } from '../ports/store.ts'
import { sizeOfVarUint, unzigzag, writeVarUint, zigzag } from './bytes.ts'

/** A run measured: all that has to be known before it is written into a buffer. */
export interface RunPlan {
  readonly updates: readonly PendingUpdate[]
  /** What `writeRun` will write, in bytes. */
  readonly size: number
  readonly authors: readonly Uint8Array[]
  /** Per update an index into `authors`; empty when there is one author. */
  readonly authorOf: readonly number[]
}

/** What it takes to write `updates`, at least one, as a run. */
export function planRun(updates: readonly PendingUpdate[]): RunPlan {
  const { authors, authorOf } = indexAuthors(updates)
  let size = sizeOfVarUint(authors.length)
  for (const author of authors) size += author.length
  for (const index of authorOf) size += sizeOfVarUint(index)
  for (const [i, { bytes }] of updates.entries()) {
    size += sizeOfVarUint(timeColumn(updates, i)) + sizeOfVarUint(bytes.length) + bytes.length
  }
  return { updates, size, authors, authorOf }
}

/** Writes the run at `at`; returns where it ends. */
export function writeRun(plan: RunPlan, into: Uint8Array, at: number): number {
  let position = writeColumns(plan, into, at)
  for (const { bytes } of plan.updates) {
    into.set(bytes, position)
    position += bytes.length
  }
  return position
}

/** Writes what comes before the updates' bytes; returns where it ends. */
export function writeColumns(plan: RunPlan, into: Uint8Array, at: number): number {
  let position = writeVarUint(into, at, plan.authors.length)
  for (const author of plan.authors) {
    into.set(author, position)
    position += author.length
  }
  for (let i = 0; i < plan.updates.length; i++) {
    position = writeVarUint(into, position, timeColumn(plan.updates, i))
  }
  for (const index of plan.authorOf) position = writeVarUint(into, position, index)
  for (const { bytes } of plan.updates) position = writeVarUint(into, position, bytes.length)
  return position
}

export function encodeRun(updates: readonly PendingUpdate[]): Uint8Array<ArrayBuffer> {
  const plan = planRun(updates)
  const bytes = new Uint8Array(plan.size)
  writeRun(plan, bytes, 0)
  return bytes
}

/** The `count` updates of a run, as views on `bytes`. Throws a SyncError when they cannot be read. */
export function decodeRun(bytes: Uint8Array, count: number): PendingUpdate[] {
  const { authors, times, authorOf, lengths, dataStart } = readWhole(bytes, count)
  let start = dataStart
  return lengths.map((length, i) => {
    const end = start + length
    const author = authors[authorOf[i] ?? 0]
    if (author === undefined) throw new SyncError('storage-corrupt', `Update ${i} of a run names no author.`)
    const update = { bytes: bytes.subarray(start, end), author, atMs: times[i] ?? 0 }
    start = end
    return update
  })
}

/** How long a run's updates are, and where their bytes start. Throws a SyncError when they do not fill the rest. */
export function readLengths(bytes: Uint8Array, count: number): Pick<RunColumns, 'lengths' | 'dataStart'> {
  return readWhole(bytes, count)
}

/** What a run says of its updates before their bytes. */
export interface RunColumns {
  readonly authors: readonly Author[]
  readonly times: readonly number[]
  /** Empty when there is one author. */
  readonly authorOf: readonly number[]
  readonly lengths: readonly number[]
  readonly dataStart: number
}

/** The columns of a run, whether or not the updates' bytes follow. Throws a SyncError when they cannot be read. */
export function readColumns(bytes: Uint8Array, count: number): RunColumns {
  const reader = new ByteReader()
  reader.open(bytes)
  // A damaged count must not allocate: every update takes a byte of length at least.
  if (count > bytes.length) reader.fail(`is said to hold ${count} updates`)
  const authors = readAuthors(reader)
  const times: number[] = []
  let atMs = 0
  for (let i = 0; i < count; i++) {
    atMs = i === 0 ? reader.varUint() : atMs + unzigzag(reader.varUint())
    times.push(atMs)
  }
  const authorOf: number[] = []
  if (authors.length > 1) for (let i = 0; i < count; i++) authorOf.push(reader.varUint())
  const lengths: number[] = []
  for (let i = 0; i < count; i++) lengths.push(reader.varUint())
  return { authors, times, authorOf, lengths, dataStart: reader.position }
}

function readWhole(bytes: Uint8Array, count: number): RunColumns {
  const columns = readColumns(bytes, count)
  const end = columns.lengths.reduce((sum, length) => sum + length, columns.dataStart)
  if (end !== bytes.length) throw new SyncError('storage-corrupt', 'A run is not as long as its updates.')
  return columns
}

function timeColumn(updates: readonly PendingUpdate[], index: number): number {
  const atMs = updates[index]?.atMs ?? 0
  const before = updates[index - 1]
  return before === undefined ? atMs : zigzag(atMs - before.atMs)
}

function indexAuthors(updates: readonly PendingUpdate[]): Pick<RunPlan, 'authors' | 'authorOf'> {
  const first = updates[0]?.author
  if (first === undefined) return { authors: [], authorOf: [] }
  if (updates.every(({ author }) => isSame(author, first))) return { authors: [encodeAuthor(first)], authorOf: [] }
  const authors: Author[] = []
  const authorOf = updates.map(({ author }) => {
    const known = authors.findIndex((other) => isSame(author, other))
    return known === -1 ? authors.push(author) - 1 : known
  })
  return { authors: authors.map(encodeAuthor), authorOf }
}

function isSame(a: Author, b: Author): boolean {
  return a === b || (a.user === b.user && a.name === b.name)
}

function encodeAuthor({ user, name }: Author): Uint8Array {
  // Buffer, not TextEncoder: ten times as fast for a few letters, and every commit does this per document.
  const userBytes = Buffer.from(user)
  const nameBytes = Buffer.from(name)
  const bytes = new Uint8Array(
    sizeOfVarUint(userBytes.length) + userBytes.length + sizeOfVarUint(nameBytes.length) + nameBytes.length,
  )
  const middle = writeVarUint(bytes, 0, userBytes.length)
  bytes.set(userBytes, middle)
  bytes.set(nameBytes, writeVarUint(bytes, middle + userBytes.length, nameBytes.length))
  return bytes
}

function readAuthors(reader: ByteReader): Author[] {
  const authors: Author[] = []
  for (let left = reader.varUint(); left > 0; left--) authors.push({ user: readText(reader), name: readText(reader) })
  return authors
}

function readText(reader: ByteReader): string {
  const length = reader.skipBytes()
  return new TextDecoder().decode(reader.bytes.subarray(reader.position - length, reader.position))
}
