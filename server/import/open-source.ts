/** Finds out what a path holds by looking into it: names of files and folders are up to whoever made them. */
import { open, stat } from 'node:fs/promises'
import { SyncError } from '../../shared/errors.ts'
import type { ForeignSource } from '../ports/foreign.ts'
import { listFiles } from './files.ts'
import { openHocuspocusFile } from './hocuspocus-sqlite.ts'
import { openUpdateFiles } from './update-files.ts'
import { isLevelDb, openYLevelDb } from './y-leveldb.ts'
import { isYSweetFile, openYSweetFiles } from './y-sweet.ts'

/** How every SQLite database begins. */
const SQLITE_MAGIC = Buffer.from('SQLite format 3\0', 'latin1')

/** Opens what another system left at `path`. Rejects `not-found`, or `unreadable-source` when it cannot be read. */
export async function openForeignSource(path: string): Promise<ForeignSource> {
  const entry = await stat(path).catch(() => null)
  if (entry === null) throw new SyncError('not-found', `There is no file or folder ${path}.`)
  if (entry.isDirectory() && (await isLevelDb(path))) return openYLevelDb(path)
  if (entry.isFile() && (await startsWith(path, SQLITE_MAGIC))) return openHocuspocusFile(path)
  const files = await listFiles(path)
  const stores = files.filter(({ path: file }) => isYSweetFile(file))
  return stores.length > 0 ? openYSweetFiles(stores) : openUpdateFiles(files)
}

async function startsWith(path: string, magic: Buffer): Promise<boolean> {
  const file = await open(path)
  try {
    const { buffer } = await file.read(Buffer.alloc(magic.length), 0, magic.length, 0)
    return buffer.equals(magic)
  } finally {
    await file.close()
  }
}
