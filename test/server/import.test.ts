import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import * as Y from 'yjs'
import { openForeign, openWorkshop } from '../../server/app.ts'
import { Importer, type ImportPlan, type ImportReport } from '../../server/cli/import-documents.ts'
import { adopt } from '../../server/compute/adopt.ts'
import { defaultOptions, type Options } from '../../server/config.ts'
import type { Operator } from '../../server/ports/operator.ts'
import { SyncError } from '../../shared/errors.ts'
import { parseDocumentId } from '../../shared/ids.ts'
import { packUpdates } from '../../shared/update/pack.ts'
import {
  documentUpdate,
  typedUpdates,
  writeFiles,
  writeHocuspocusDatabase,
  writeLevelDb,
  yLevelDbKey,
  ySweetFile,
} from '../support/foreign-files.ts'
import { quietLog } from '../support/quiet-log.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { weft } from '../support/weft.ts'

const PLAN: ImportPlan = { prefix: '', encoding: null, dryRun: false, author: { user: 'import', name: 'Import' } }
const GARBAGE = Uint8Array.from(Buffer.from('these are words, not an update'))

/** A store to import into, and what it then holds. */
async function openTarget(overrides: Partial<Options> = {}) {
  const data = await temporaryFolder()
  const { operator, rooms, close } = await openWorkshop({ ...defaultOptions, data, ...overrides }, quietLog())
  onTestFinished(close)
  return {
    async import(path: string, plan: Partial<ImportPlan> = {}): Promise<ImportReport> {
      const importer = new Importer(operator, { ...PLAN, ...plan })
      const source = await importer.open(path, openForeign)
      if (source !== null) {
        await importer.importFrom(source, () => {})
        await source.close()
      }
      return importer.report
    },
    async text(document: string): Promise<string> {
      const doc = new Y.Doc()
      Y.applyUpdate(doc, Buffer.concat([...(await rooms.read(parseDocumentId(document)))]))
      return doc.getText('content').toJSON()
    },
    timeline: (document: string) => operator.timeline(parseDocumentId(document), 10),
    audit: () => operator.audit({ limit: 10 }),
  }
}

const importedDocuments = ({ results }: ImportReport): readonly string[] => results.map(({ document }) => document)

describe('what is found where', () => {
  test('[IM3] y-sweet: a folder for each document, its state and what came after it', async () => {
    const folder = await temporaryFolder()
    await writeFiles(folder, {
      'plan/data.ysweet': ySweetFile(typedUpdates('state and more'), 5),
      'tenant/notes/data.ysweet': ySweetFile(typedUpdates('ab'), 1),
    })
    const target = await openTarget()
    expect(importedDocuments(await target.import(folder))).toEqual(['plan', 'tenant/notes'])
    expect([await target.text('plan'), await target.text('tenant/notes')]).toEqual(['state and more', 'ab'])
    expect((await target.import(join(folder, 'plan/data.ysweet'))).results).toMatchObject([
      { document: 'plan', existed: true, updates: 0 },
    ])
  })

  test('[IM4] plain files: an update each, of either version, named after the file', async () => {
    const folder = await temporaryFolder()
    const doc = new Y.Doc()
    doc.getText('content').insert(0, 'version two', { bold: true })
    doc.getMap('meta').set('title', 'Two')
    await writeFiles(folder, {
      'team/plan.v1.bin': documentUpdate('version one'),
      'two.bin': Y.encodeStateAsUpdateV2(doc),
      bare: documentUpdate('bare'),
      '.hidden/file': GARBAGE,
    })
    const target = await openTarget()
    const report = await target.import(folder, { prefix: 'old/' })
    expect([importedDocuments(report), report.problems]).toEqual([['old/bare', 'old/team/plan.v1', 'old/two'], []])
    expect(await target.text('old/team/plan.v1')).toBe('version one')
    expect(await target.text('old/two')).toBe('version two')
    expect(importedDocuments(await target.import(join(folder, 'two.bin'), { encoding: 'v2' }))).toEqual(['two'])
  })

  test('[IM5] y-leveldb: all updates of a document, in order, under the name its address says', async () => {
    const folder = await temporaryFolder()
    const updates = typedUpdates('x'.repeat(300))
    await writeLevelDb(folder, [
      ...updates.map((update, at): [Uint8Array, Uint8Array] => [yLevelDbKey('a%20b', at), update]),
      [yLevelDbKey('50%', 0), documentUpdate('half')],
    ])
    const target = await openTarget()
    expect(importedDocuments(await target.import(folder))).toEqual(['50%', 'a b'])
    expect(await target.text('a b')).toBe('x'.repeat(300))
  })
})

describe('what cannot be imported is told, and the rest is imported', () => {
  test('[IM6] data that is no document, with its file and key', async () => {
    const folder = await temporaryFolder()
    const database = join(folder, 'documents.sqlite')
    writeHocuspocusDatabase(database, { bad: GARBAGE, good: documentUpdate('good'), words: 'words' })
    const target = await openTarget()
    const report = await target.import(database)
    expect(importedDocuments(report)).toEqual(['good'])
    expect(report.problems).toEqual([
      {
        name: 'bad',
        place: `${database}, row 1`,
        problem: expect.stringMatching(/no document of Yjs.*\(malformed-update\)$/),
      },
      { name: 'words', place: `${database}, row 3`, problem: 'The row holds no bytes. (unreadable-source)' },
    ])
  })

  test('[IM7] names that are no document names, and names that two places have', async () => {
    const folder = await temporaryFolder()
    const database = join(folder, 'documents.sqlite')
    writeHocuspocusDatabase(database, {
      '': documentUpdate('a'),
      'bell\u0007': documentUpdate('b'),
      ok: documentUpdate('c'),
    })
    const target = await openTarget()
    const report = await target.import(database)
    expect(importedDocuments(report)).toEqual(['ok'])
    expect(report.problems.map(({ problem }) => problem)).toEqual([
      expect.stringContaining('blank'),
      expect.stringContaining('control character'),
    ])
    const files = await temporaryFolder()
    await writeFiles(files, { 'plan.a': documentUpdate('one'), 'plan.b': documentUpdate('other') })
    expect((await target.import(files)).problems).toMatchObject([
      { problem: expect.stringContaining(`already taken from ${join(files, 'plan.a')}`) },
    ])
    expect(await target.text('plan')).toBe('one')
  })

  test('[IM8] files that are cut off or of another program', async () => {
    const folder = await temporaryFolder()
    const whole = ySweetFile(typedUpdates('abc'), 1)
    await writeFiles(folder, {
      'cut/data.ysweet': whole.subarray(0, -3),
      'empty/data.ysweet': new Uint8Array(8),
      'good/data.ysweet': whole,
    })
    const target = await openTarget()
    const report = await target.import(folder)
    expect(importedDocuments(report)).toEqual(['good'])
    expect(report.problems.map(({ name, problem }) => `${name}: ${problem}`)).toEqual([
      "cut: The file is none of y-sweet's: it is cut off. (unreadable-source)",
      "empty: The file is none of y-sweet's: it holds no document. (unreadable-source)",
    ])

    const other = await temporaryFolder()
    await writeLevelDb(other, [[Uint8Array.of(0, 2, 0x76, 0x31, 9), GARBAGE]])
    expect((await target.import(other)).problems).toMatchObject([
      { place: other, problem: expect.stringContaining('key 0002763109 is none of y-leveldb') },
    ])
    const database = join(other, 'other.sqlite')
    await writeFile(database, Buffer.from('SQLite format 3\0 and nothing more'))
    expect((await target.import(database)).problems).toMatchObject([
      { problem: expect.stringContaining('no database of Hocuspocus') },
    ])
    expect((await target.import(join(other, 'nowhere'))).problems).toMatchObject([
      { problem: expect.stringContaining('not-found') },
    ])
  })

  test('[IM9] edits that wait for others which are not there are left out, and told', async () => {
    const folder = await temporaryFolder()
    const updates = typedUpdates('abcdef')
    await writeLevelDb(
      folder,
      [0, 1, 4, 5].map((at) => [yLevelDbKey('plan', at), updates[at] ?? GARBAGE]),
    )
    const target = await openTarget()
    const report = await target.import(folder)
    expect(report.results).toMatchObject([{ document: 'plan', isIncomplete: true }])
    expect(report.problems).toMatchObject([{ name: 'plan', problem: expect.stringContaining('left out') }])
    expect(await target.text('plan')).toBe('ab')
  })
})

describe('what an import writes', () => {
  test('[IM10] a large document as several updates, each applicable at once, by the author "import"', async () => {
    const folder = await temporaryFolder()
    const source = new Y.Doc()
    // How many pieces there are depends on how many bytes a client id takes.
    source.clientID = 2 ** 31
    // Each before the last one, so that Yjs keeps them apart.
    for (let at = 0; at < 400; at++) source.getText('content').insert(0, 'All work.\n')
    const update = Y.encodeStateAsUpdate(source)
    await writeFiles(folder, { 'plan.bin': update })
    const { chunks } = adopt({ updates: packUpdates([update, update]), encoding: 'unknown' }, 100)
    expect(chunks.length).toBeGreaterThan(1)
    const doc = new Y.Doc()
    for (const chunk of chunks) {
      Y.applyUpdate(doc, chunk)
      expect(doc.store.pendingStructs).toBeNull()
    }
    expect(doc.getText('content')).toHaveLength(4000)
    // Pieces that are too large to be taken without being tried out.
    const target = await openTarget({ chunkBytes: 500, inlineWalkBytes: 100 })
    const [result] = (await target.import(folder)).results
    const updates = result?.updates
    expect(updates).toBeGreaterThan(16)
    expect(await target.timeline('plan')).toMatchObject([{ user: 'import', name: 'Import', toSeq: updates }])
    expect(await target.text('plan')).toHaveLength(4000)
    expect((await target.import(folder)).results).toMatchObject([{ updates: 0 }])
    expect(await target.timeline('plan')).toMatchObject([{ toSeq: updates }])
  })

  test('[IM11] a second time nothing, and after more edits there only those', async () => {
    const folder = await temporaryFolder()
    const updates = typedUpdates('abcdef')
    await writeFiles(folder, { 'plan.bin': Y.mergeUpdates(updates.slice(0, 3)) })
    const target = await openTarget()
    expect((await target.import(folder)).results).toMatchObject([{ existed: false, updates: 1 }])
    expect((await target.import(folder)).results).toMatchObject([{ existed: true, updates: 0, bytes: 0 }])
    await writeFiles(folder, { 'plan.bin': Y.mergeUpdates(updates) })
    expect((await target.import(folder)).results).toMatchObject([{ existed: true, updates: 1 }])
    expect(await target.text('plan')).toBe('abcdef')
    expect(await target.timeline('plan')).toMatchObject([{ fromSeq: 1, toSeq: 2 }])
  })

  test('[IM12] a dry run writes nothing and says the same', async () => {
    const folder = await temporaryFolder()
    await writeFiles(folder, { 'plan.bin': documentUpdate('plan') })
    const target = await openTarget()
    const [dry] = (await target.import(folder, { dryRun: true })).results
    await expect(target.timeline('plan')).rejects.toMatchObject({ code: 'not-found' })
    expect(await target.audit()).toEqual([])
    expect((await target.import(folder)).results).toEqual([dry])
    expect(await target.audit()).toMatchObject([{ action: 'document-imported', document: 'plan', user: 'import' }])
  })

  test('[IM13] a store that cannot write ends the import', async () => {
    const folder = await temporaryFolder()
    await writeFiles(folder, { 'a.bin': documentUpdate('a'), 'b.bin': documentUpdate('b') })
    const failing = { import: () => Promise.reject(new SyncError('storage-failed', 'The disk is full.')) }
    const importer = new Importer(failing as unknown as Operator, PLAN)
    const source = await openForeign(folder)
    await expect(importer.importFrom(source, () => {})).rejects.toMatchObject({ code: 'storage-failed' })
  })
})

test('[IM14] the command says what it did, what it could not, and ends with code 1 then', async () => {
  const data = await temporaryFolder()
  const folder = await temporaryFolder()
  await writeFiles(folder, { 'plan.bin': documentUpdate('plan'), 'words.txt': GARBAGE })
  const dry = await weft('import', folder, '--dry-run', '--data', data)
  expect([dry.code, dry.out]).toEqual([
    1,
    expect.stringMatching(
      /^plan: new, \d+ bytes\nWould import 1 new documents and changes to 0, \d+ bytes; 0 have nothing new, 1 problems\.\n$/,
    ),
  ])
  const { code, out, error } = await weft('import', join(folder, 'plan.bin'), join(folder, 'words.txt'), '--data', data)
  expect([code, out]).toEqual([1, expect.stringMatching(/^Imported 1 new documents/)])
  expect(error).toMatch(/^"words" in \S+words\.txt: .* \(malformed-update\)\n$/)
})
