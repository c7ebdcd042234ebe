/** Bits of a write-ahead log, flipped one after the other. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import * as prng from 'lib0/prng'
import { expect, test } from 'vitest'
import { SyncError } from '../../shared/errors.ts'
import { mendWal } from '../../server/store/wal-mending.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { killedStore } from './store-files.ts'

const FLIPS = 50
const SEED = 7

test(`[WM1] a flipped bit anywhere costs no commit but the last: it is put back, or the log is refused (seed ${SEED})`, async () => {
  const folder = await temporaryFolder()
  await killedStore(folder, 20)
  const sound = await readFile(join(folder, 'weft.db-wal'))
  const expected = commitsIn(folder)
  const file = join(folder, 'weft.db-wal')
  const generator = prng.create(SEED)
  let refused = 0
  for (let flip = 0; flip < FLIPS; flip++) {
    const damaged = Buffer.from(sound)
    const at = prng.int32(generator, 0, sound.length - 1)
    damaged.writeUInt8(damaged.readUInt8(at) ^ (1 << prng.int32(generator, 0, 7)), at)
    await writeFile(file, damaged)
    if (isRefused(() => mendWal(file))) {
      refused++
      expect(await readFile(file)).toEqual(damaged)
      continue
    }
    const kept = commitsIn(folder)
    expect(kept, `byte ${at}`).toEqual(expected.slice(0, kept.length))
    expect(kept.length).toBeGreaterThanOrEqual(expected.length - 1)
  }
  // Of the highest bits of some words the sums do not tell which it was.
  expect(refused).toBeLessThan(FLIPS / 10)
})

test('[WM2] a sound log, an empty one and none are left alone', async () => {
  const root = await temporaryFolder()
  await killedStore(join(root, 'data'), 3)
  const file = join(root, 'data', 'weft.db-wal')
  const sound = await readFile(file)
  expect(mendWal(file)).toEqual([])
  expect(await readFile(file)).toEqual(sound)
  await writeFile(file, '')
  expect(mendWal(file)).toEqual([])
  expect(mendWal(join(root, 'none'))).toEqual([])
})

/** The commits that SQLite finds; nothing is moved out of the log. */
function commitsIn(folder: string): unknown[] {
  const database = new Database(join(folder, 'weft.db'), { readonly: true })
  try {
    return database.prepare('SELECT * FROM journal').all()
  } finally {
    database.close()
  }
}

function isRefused(action: () => unknown): boolean {
  try {
    action()
    return false
  } catch (thrown) {
    if (thrown instanceof SyncError && thrown.code === 'storage-corrupt') return true
    throw thrown
  }
}
