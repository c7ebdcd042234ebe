import { cp, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Seq } from '../../shared/ids.ts'
import { parcelOf } from '../../server/core/pieces.ts'
import { openSqliteStore } from '../../server/store/sqlite-store.ts'
import { keystrokes, openNamed, pending, textOf, write } from '../contract/store-updates.ts'
import { editDatabase, flipBit, flipFileBit, killedStore } from './store-files.ts'

describe('damage to what is stored', () => {
  let killed: string
  let root: string
  let folder: string

  beforeAll(async () => {
    killed = await mkdtemp(join(tmpdir(), 'weft-killed-'))
    await killedStore(killed, 20)
  })

  afterAll(() => rm(killed, { recursive: true }))

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'weft-damage-'))
    folder = join(root, 'data')
  })

  afterEach(() => rm(root, { recursive: true }))

  /** Two documents, `a` and `b`; `tidy` packs them, else each has one plain segment. */
  async function twoDocuments({ tidy = false, snapshot = false } = {}): Promise<void> {
    const store = await openSqliteStore({ folder })
    for (const name of ['a', 'b']) {
      const { handle } = await write(store, name, 'x'.repeat(200))
      if (snapshot) {
        const { coverage } = await openNamed(store, name)
        const chunks = parcelOf([new Uint8Array([0, 0])])
        await store.saveSnapshot(handle, { seq: 200 as Seq, chunks, coverage, title: null })
      }
    }
    if (tidy) await store.tidy()
    await store.close()
  }

  function edit(sql: string): void {
    editDatabase(folder, (database) => database.exec(sql))
  }

  /** Opens the store and expects `a` to be refused, with `place` named, and `b` to be whole and writable. */
  async function expectOnlyADamaged(place: string): Promise<void> {
    const store = await openSqliteStore({ folder })
    try {
      const opening = openNamed(store, 'a').then(({ handle }) => store.content(handle))
      await expect(opening).rejects.toMatchObject({
        code: 'storage-corrupt',
        message: expect.stringMatching(`^Document "a", ${place}: .*"weft verify"`),
      })
      const { handle, head } = await openNamed(store, 'b')
      expect(textOf(await store.content(handle))).toMatch(/^x*$/)
      await store.tidy()
      const updates = pending(keystrokes('y', 2))
      expect(await store.commit({ documents: [{ handle, updates }] })).toEqual([head + 1])
      const { problems } = await store.verify()
      expect(problems).not.toEqual([])
      expect(problems.filter(({ document }) => document !== 'a')).toEqual([])
      await expect(openNamed(store, 'a').then((a) => store.content(a.handle))).rejects.toMatchObject({
        code: 'storage-corrupt',
      })
    } finally {
      await store.close()
    }
  }

  test.for([0, 20, -1])('[SD1] in a segment is found and stays with its document (byte %i)', async (position) => {
    await twoDocuments()
    flipBit(folder, 'segments', 'document = 1', position)
    await expectOnlyADamaged('seqs 1–200')
  })

  test.for([0, 20, -1])(
    '[SD2] in a packed segment is found and stays with its document (byte %i)',
    async (position) => {
      await twoDocuments({ tidy: true })
      flipBit(folder, 'segments', 'document = 1', position)
      await expectOnlyADamaged('seqs 1–200')
    },
  )

  test.for([
    ['a flipped bit of a part', () => flipBit(folder, 'snapshot_parts', 'document = 1', 0)],
    ['a lost part', () => edit('DELETE FROM snapshot_parts WHERE document = 1')],
    ['another coverage', () => edit("UPDATE snapshots SET coverage = x'0000' WHERE document = 1")],
  ] as const)('[SD3] in a snapshot costs nothing: %s is told, the log holds all of it', async ([, damage]) => {
    await twoDocuments({ snapshot: true })
    damage()
    const store = await openSqliteStore({ folder })
    expect((await store.verify()).problems).toMatchObject([{ document: 'a' }])
    const { handle, isSnapshotDamaged, tailUpdates, coverage } = await openNamed(store, 'a')
    expect([isSnapshotDamaged, tailUpdates]).toEqual([true, 200])
    const content = await store.content(handle)
    expect(content.snapshot).toEqual([])
    expect(textOf(content)).toBe('x'.repeat(200))

    await store.saveSnapshot(handle, {
      seq: 200 as Seq,
      chunks: parcelOf([new Uint8Array([0, 0])]),
      coverage,
      title: null,
    })
    expect(await openNamed(store, 'a')).toMatchObject({ isSnapshotDamaged: false, tailUpdates: 0 })
    expect((await store.verify()).problems).toEqual([])
    await store.close()
  })

  test('[SD17] in a snapshot that is met after the document was opened costs nothing either', async () => {
    await twoDocuments({ snapshot: true })
    const store = await openSqliteStore({ folder })
    const { handle } = await openNamed(store, 'a')
    flipBit(folder, 'snapshot_parts', 'document = 1', 0)
    expect(textOf(await store.content(handle))).toBe('x'.repeat(200))
    await store.close()
  })

  test('[SD18] in a snapshot and in the log below it is found, and refuses the document', async () => {
    await twoDocuments({ snapshot: true })
    flipBit(folder, 'snapshot_parts', 'document = 1', 0)
    flipBit(folder, 'segments', 'document = 1', 20)
    await expectOnlyADamaged('seqs 1–200')
  })

  test('[SD4] in the update bytes of a journal row is found after a crash and stays with its document', async () => {
    await cp(killed, folder, { recursive: true })
    flipBit(folder, 'journal', 'id = 5', -1)
    await expectOnlyADamaged('seqs 3–3')
  })

  test('[SD5] in the checksum of a journal entry is found after a crash and stays with its document', async () => {
    await cp(killed, folder, { recursive: true })
    flipBit(folder, 'journal', 'id = 5', 27)
    await expectOnlyADamaged('seqs 3–3')
  })

  test('[SD6] that leaves open whose updates a journal row holds refuses the store, naming the row', async () => {
    await cp(killed, folder, { recursive: true })
    flipBit(folder, 'journal', 'id = 5', 9)
    await expect(openSqliteStore({ folder })).rejects.toMatchObject({
      code: 'storage-corrupt',
      message: expect.stringContaining('Row 5 of the journal'),
    })
  })

  test.for([
    ['first', 'id = 1'],
    ['middle', 'id = 5'],
  ] as const)('[SD7] a %s journal row that is lost refuses the store', async ([, where]) => {
    await cp(killed, folder, { recursive: true })
    editDatabase(folder, (database) => database.exec(`DELETE FROM journal WHERE ${where}`))
    await expect(openSqliteStore({ folder })).rejects.toMatchObject({ code: 'storage-corrupt' })
  })

  test('[SD8] journal rows that changed places refuse the store', async () => {
    await cp(killed, folder, { recursive: true })
    editDatabase(folder, (database) => {
      database.exec('UPDATE journal SET id = -1 WHERE id = 5')
      database.exec('UPDATE journal SET id = 5 WHERE id = 7')
      database.exec('UPDATE journal SET id = 7 WHERE id = -1')
    })
    await expect(openSqliteStore({ folder })).rejects.toMatchObject({ code: 'storage-corrupt' })
  })

  test('[SD9] a segment that is lost is found and stays with its document', async () => {
    await twoDocuments()
    editDatabase(folder, (database) => database.exec('DELETE FROM segments WHERE document = 1'))
    await expectOnlyADamaged('seq 1')
  })

  test('[SD10] a segment of another document in its place is found', async () => {
    await twoDocuments()
    editDatabase(folder, (database) => {
      database.exec(`UPDATE segments SET (payload, checksum) = (SELECT payload, checksum FROM segments WHERE document = 2)
                     WHERE document = 1`)
    })
    await expectOnlyADamaged('seqs 1–200')
  })

  test('[SD11] updates that were replaced together with their checksums are found by verify', async () => {
    await twoDocuments()
    editDatabase(folder, (database) => database.exec('UPDATE documents SET checksum = checksum + 1 WHERE id = 1'))
    const store = await openSqliteStore({ folder })
    expect((await store.verify()).problems).toEqual([
      { document: 'a', problem: expect.stringContaining('do not add up') },
    ])
    await store.close()
  })

  test('[SD12] a backup of a damaged store is refused, and leaves no file', async () => {
    await twoDocuments()
    flipBit(folder, 'segments', 'document = 1', -1)
    const store = await openSqliteStore({ folder })
    await expect(store.backup(join(root, 'copy.db'))).rejects.toMatchObject({
      code: 'storage-corrupt',
      message: expect.stringContaining('"a"'),
    })
    await store.close()
    expect(await readdir(root)).toEqual(['data'])
  })

  test.for([0, 10, 19, 23, 30, 36, 44, 50, 0.2, 0.5, 0.8])(
    '[SD13] of one bit of the write-ahead log is put back, and told (at %d)',
    async (position) => {
      await cp(killed, folder, { recursive: true })
      const wal = join(folder, 'weft.db-wal')
      const { length } = await readFile(wal)
      await flipFileBit(wal, position)
      const store = await openSqliteStore({ folder })
      const at = position < 1 ? Math.floor(length * position) : position
      expect(await store.mended()).toEqual([expect.stringContaining(`Byte ${at} of ${wal}`)])
      expect((await store.verify()).problems).toEqual([])
      expect((await openNamed(store, 'a')).head).toBeGreaterThan(5)
      await store.close()
    },
  )

  test('[SD16] of more than a bit of the write-ahead log refuses the store rather than lose commits, and says what to do', async () => {
    await cp(killed, folder, { recursive: true })
    const wal = join(folder, 'weft.db-wal')
    const bytes = await readFile(wal)
    bytes.fill(0xa5, bytes.length / 2, bytes.length / 2 + 100)
    await writeFile(wal, bytes)
    await expect(openSqliteStore({ folder })).rejects.toMatchObject({
      code: 'storage-corrupt',
      message: expect.stringMatching(/weft\.db-wal is damaged at byte \d+, .* truncate -s \d+ /),
    })
    expect(await readFile(wal)).toEqual(bytes)
  })

  test('[SD14] of a commit that was being written when the process died is none', async () => {
    await cp(killed, folder, { recursive: true })
    const wal = join(folder, 'weft.db-wal')
    await truncate(wal, (await stat(wal)).size - 700)
    const store = await openSqliteStore({ folder })
    expect((await openNamed(store, 'a')).head).toBeGreaterThan(5)
    expect((await store.verify()).problems).toEqual([])
    await store.close()
  })

  test('[SD15] in the middle of the last commit is one that was being written, too', async () => {
    await cp(killed, folder, { recursive: true })
    const wal = join(folder, 'weft.db-wal')
    const { start, end } = lastLongTransaction(await readFile(wal))
    await truncate(wal, end)
    await flipFileBit(wal, start + 100)
    const store = await openSqliteStore({ folder })
    expect((await store.verify()).problems).toEqual([])
    await store.close()
  })
})

/** Where the last transaction of more than one frame starts and ends in a write-ahead log. */
function lastLongTransaction(wal: Buffer): { readonly start: number; readonly end: number } {
  const frameBytes = 24 + wal.readUInt32BE(8)
  let found = { start: 0, end: 0 }
  let start = 32
  for (let at = 32; at + frameBytes <= wal.length; at += frameBytes) {
    if (wal.readUInt32BE(at + 4) === 0) continue
    if (at > start) found = { start, end: at + frameBytes }
    start = at + frameBytes
  }
  return found
}
