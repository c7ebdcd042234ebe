/** Files as other systems write them, made without those systems, from what their sources say. */
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import Database from 'better-sqlite3'
import { ClassicLevel } from 'classic-level'
import * as Y from 'yjs'

/** Updates of a document whose text `content` becomes `text` letter by letter. */
export function typedUpdates(text: string): Uint8Array[] {
  const doc = new Y.Doc()
  const updates: Uint8Array[] = []
  doc.on('update', (update: Uint8Array) => updates.push(update))
  for (const letter of text) doc.getText('content').insert(doc.getText('content').length, letter)
  return updates
}

/** A document with that text, as one update. */
export function documentUpdate(text: string): Uint8Array {
  return Y.mergeUpdates(typedUpdates(text))
}

export async function writeFiles(folder: string, files: Readonly<Record<string, Uint8Array>>): Promise<void> {
  for (const [name, bytes] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), bytes)
  }
}

/** y-sweet's `data.ysweet`: a state of all but the last updates, which are stored by themselves. */
export function ySweetFile(updates: readonly Uint8Array[], alone: number): Uint8Array {
  const number = [0, 0, 0, 7]
  const state = Y.mergeUpdates(updates.slice(0, -alone))
  const later = updates
    .slice(-alone)
    .map((update, at): [number[], Uint8Array] => [[0, 1, ...number, 2, 0, 0, 0, at + 1, 0], update])
  return bincode([
    [[0, 0, ...Buffer.from('doc'), 0], Uint8Array.from(number)],
    [[0, 1, ...number, 0], state],
    [[0, 1, ...number, 1], Y.encodeStateVectorFromUpdate(state)],
    ...later,
  ])
}

/** Rust's bincode of a map from bytes to bytes. */
function bincode(entries: readonly [readonly number[], Uint8Array][]): Uint8Array {
  const length = (count: number): Buffer => {
    const bytes = Buffer.alloc(8)
    bytes.writeBigUInt64LE(BigInt(count))
    return bytes
  }
  const parts = entries.flatMap(([key, value]) => [length(key.length), Buffer.from(key), length(value.length), value])
  return Buffer.concat([length(entries.length), ...parts])
}

/** The database of Hocuspocus' SQLite extension. */
export function writeHocuspocusDatabase(path: string, documents: Readonly<Record<string, Uint8Array | string>>): void {
  const database = new Database(path)
  database.exec('CREATE TABLE "documents" ("name" varchar(255) NOT NULL, "data" blob NOT NULL, UNIQUE(name))')
  const insert = database.prepare('INSERT INTO documents VALUES (?, ?)')
  for (const [name, data] of Object.entries(documents)) insert.run(name, data)
  database.close()
}

/** A LevelDB folder with these values, keys as they are. */
export async function writeLevelDb(folder: string, entries: readonly [Uint8Array, Uint8Array][]): Promise<void> {
  const level = new ClassicLevel<Uint8Array, Uint8Array>(folder, { keyEncoding: 'view', valueEncoding: 'view' })
  await level.batch(entries.map(([key, value]) => ({ type: 'put', key, value })))
  await level.close()
}

/** y-leveldb's key of an update. */
export function yLevelDbKey(document: string, number: number): Uint8Array {
  const word = (text: string): number[] => [0, Buffer.byteLength(text), ...Buffer.from(text)]
  return Uint8Array.from([...word('v1'), ...word(document), ...word('update'), 1, 0, 0, number >> 8, number & 255])
}
