/**
 * y-sweet's files: `<document>/data.ysweet` in a folder or bucket, each a small key-value store.
 *
 * The store is Rust's bincode of a map from bytes to bytes: a count, then key and value in turn, each with its length;
 * numbers are 64 bits, little-endian. Keys are those of the crate yrs-kvstore: the document's name leads to a number, and the
 * number to its state and to updates that are not part of the state yet.
 */
import { basename, dirname } from 'node:path'
import { SyncError } from '../../shared/errors.ts'
import type { ForeignDocument, ForeignSource } from '../ports/foreign.ts'
import { type FoundFile, readBytes } from './files.ts'

const FILE_NAME = 'data.ysweet'

/** y-sweet keeps one document in each store, under this name. */
const NAME_KEY = hex(Uint8Array.of(0, 0, ...Buffer.from('doc'), 0))

/** First bytes of the keys of a document's contents; its number follows. */
const CONTENTS_KEY = Uint8Array.of(0, 1)

/** What comes after the number: the state, or an update with its own number. */
const STATE_KEY = '00'
const UPDATE_KEY = /^02.{8}00$/

export function isYSweetFile(path: string): boolean {
  return basename(path) === FILE_NAME
}

export function openYSweetFiles(files: readonly FoundFile[]): ForeignSource {
  return {
    kind: "y-sweet's files",
    encoding: 'v1',
    count: files.length,
    async *documents() {
      yield* files.map(documentIn)
    },
    close: () => Promise.resolve(),
  }
}

function documentIn({ path, name }: FoundFile): ForeignDocument {
  return {
    // A file that was named itself has its folder above it.
    name: name === FILE_NAME ? basename(dirname(path)) : dirname(name),
    place: path,
    updates: async () => updatesIn(await readBytes(path)),
  }
}

/** The state, then what was added to it, in order. Throws `unreadable-source`. */
function updatesIn(file: Uint8Array): readonly Uint8Array[] {
  const entries = readStore(file)
  const number = entries.get(NAME_KEY)
  if (number === undefined) throw unreadable('holds no document')
  const prefix = hex(CONTENTS_KEY) + hex(number)
  const contents = [...entries]
    .filter(([key]) => key.startsWith(prefix))
    .map(([key, value]) => ({ key: key.slice(prefix.length), value }))
    .filter(({ key }) => key === STATE_KEY || UPDATE_KEY.test(key))
  if (contents.length === 0) throw unreadable('holds no content')
  // Numbers are big-endian and of one length, so the keys' order is theirs.
  return contents.toSorted((one, other) => (one.key < other.key ? -1 : 1)).map(({ value }) => value)
}

/** Values by their keys in hexadecimal. */
function readStore(file: Uint8Array): ReadonlyMap<string, Uint8Array> {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  let at = 0

  function number(): number {
    if (at + 8 > file.length) throw unreadable('is cut off')
    const value = Number(view.getBigUint64(at, true))
    at += 8
    return value
  }

  function bytes(): Uint8Array {
    const length = number()
    if (length > file.length - at) throw unreadable('is cut off')
    at += length
    return file.subarray(at - length, at)
  }

  const entries = new Map<string, Uint8Array>()
  for (let left = number(); left > 0; left--) {
    const key = hex(bytes())
    entries.set(key, bytes())
  }
  if (at !== file.length) throw unreadable('has bytes after its end')
  return entries
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

function unreadable(problem: string): SyncError {
  return new SyncError('unreadable-source', `The file is none of y-sweet's: it ${problem}.`)
}
