/** Files below a folder, with the names that documents in them get. */
import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, join, relative, sep } from 'node:path'
import { asSyncError } from '../../shared/errors.ts'

export interface FoundFile {
  readonly path: string
  /** Its path below the folder that was searched, with `/` between its parts; its own name when it was named itself. */
  readonly name: string
}

/** `path` when it is a file, else every file below it, sorted; hidden ones are left out. */
export async function listFiles(path: string): Promise<readonly FoundFile[]> {
  if ((await stat(path)).isFile()) return [{ path, name: basename(path) }]
  const entries = await readdir(path, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file) => ({ path: file, name: relative(path, file).split(sep).join('/') }))
    .filter(({ name }) => !name.split('/').some((part) => part.startsWith('.')))
    .toSorted((one, other) => (one.name < other.name ? -1 : 1))
}

/** A file's bytes. Rejects `unreadable-source`. */
export async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path)
  } catch (thrown) {
    throw asSyncError(thrown, 'unreadable-source')
  }
}
