/**
 * A folder of y-leveldb, which y-websocket's server keeps its documents in: every update under a key of its own.
 *
 * LevelDB tidies up a folder when it opens it, so a copy is opened and the folder itself stays as it is.
 */
import { cp, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ClassicLevel } from 'classic-level'
import { asSyncError, SyncError } from '../../shared/errors.ts'
import type { ForeignDocument, ForeignSource } from '../ports/foreign.ts'
import { decodeKey, keysUnder, updateKeys } from './y-leveldb-keys.ts'

type Level = ClassicLevel<Uint8Array, Uint8Array>

/** The files that every LevelDB folder has. */
const CURRENT = 'CURRENT'
const MANIFEST = /^MANIFEST-\d+$/

export async function isLevelDb(folder: string): Promise<boolean> {
  const names = await readdir(folder)
  return names.includes(CURRENT) && names.some((name) => MANIFEST.test(name))
}

/** Rejects `unsupported-runtime` when the package that reads LevelDB is not installed, and `unreadable-source`. */
export async function openYLevelDb(folder: string): Promise<ForeignSource> {
  const driver = await loadDriver()
  const copy = await mkdtemp(join(tmpdir(), 'weft-import-'))
  const remove = (): Promise<void> => rm(copy, { recursive: true, force: true })
  try {
    await cp(folder, copy, { recursive: true })
    const level: Level = new driver(copy, { createIfMissing: false, keyEncoding: 'view', valueEncoding: 'view' })
    await level.open()
    const names = await namesIn(level)
    return {
      kind: 'a y-leveldb folder',
      encoding: 'v1',
      count: names.length,
      async *documents() {
        yield* names.map((name) => documentIn(level, name, folder))
      },
      async close() {
        await level.close()
        await remove()
      },
    }
  } catch (thrown) {
    await remove()
    throw asUnreadable(thrown, `${folder} cannot be read`)
  }
}

async function loadDriver(): Promise<typeof ClassicLevel> {
  try {
    const { ClassicLevel: driver } = await import('classic-level')
    return driver
  } catch (thrown) {
    throw new SyncError(
      'unsupported-runtime',
      'A y-leveldb folder is read with the package classic-level, which is not installed: npm install classic-level@3',
      { cause: thrown },
    )
  }
}

/** Every document with updates; a key that y-leveldb never writes makes it another program's folder. */
async function namesIn(level: Level): Promise<readonly string[]> {
  const names = new Set<string>()
  for await (const key of level.keys(keysUnder('v1'))) {
    const [, name, kind] = decodeKey(key) ?? []
    if (typeof name !== 'string') {
      throw new SyncError('unreadable-source', `key ${Buffer.from(key).toString('hex')} is none of y-leveldb's`)
    }
    if (kind === 'update') names.add(name)
  }
  return [...names]
}

function documentIn(level: Level, name: string, folder: string): ForeignDocument {
  return {
    name: decodeName(name),
    place: `${folder}, key v1 ${JSON.stringify(name)}`,
    async updates() {
      try {
        return await level.values(updateKeys(name)).all()
      } catch (thrown) {
        throw asUnreadable(thrown, 'The updates cannot be read')
      }
    },
  }
}

/** y-websocket's server stores a document under its address, as it came; here names are what the address says. */
function decodeName(name: string): string {
  try {
    return decodeURIComponent(name)
  } catch {
    // Not encoded: stored by somebody's own server.
    return name
  }
}

/** LevelDB's own words are in the cause of what its package throws. */
function asUnreadable(thrown: unknown, what: string): SyncError {
  const inner = thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause : thrown
  return new SyncError('unreadable-source', `${what}: ${asSyncError(inner, 'unreadable-source').message}.`, {
    cause: thrown,
  })
}
