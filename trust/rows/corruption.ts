/** Row 10: what is on the disk changes by itself: a bit, a page, a part of the write-ahead log. */
import { execFileSync } from 'node:child_process'
import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import * as Y from 'yjs'
import { openSqliteStore } from '../../server/store/sqlite-store.ts'
import { parseDocumentId } from '../../shared/ids.ts'
import { weft } from '../command.ts'
import type { Lab } from '../lab.ts'
import type { Mutant } from '../mutants/mutant.ts'
import { exactly, type Row } from '../row.ts'
import { until } from '../until.ts'

/** The first one is damaged. */
const DOCUMENTS = ['alpha', 'beta', 'gamma', 'delta'] as const
const [DAMAGED] = DOCUMENTS
/** Enough that no database page holds two documents' updates only. */
const UPDATES = 80
const PAGE_BYTES = 1024
const PATIENCE_MS = 3_000
const COMMAND = /"weft \w+|truncate -s \d+ '[^']+'/

/** Reads the log without comparing checksums. */
const trustsTheDisk: Mutant = {
  module: 'store/segments.js',
  find: 'if (segmentChecksum(row) !== row.checksum)',
  replace: 'if (false)',
}

/** What is done to a folder; the documents' updates are in its database, or still in the write-ahead log. */
interface Damage {
  readonly name: string
  readonly isInLog: boolean
  /** One document is refused; or nothing is lost and it is told; or all is refused until the command that is named was run. */
  readonly effect: 'one refused' | 'mended' | 'all refused'
  inflict(folder: string): Promise<void>
}

const DAMAGES: readonly Damage[] = [
  {
    name: 'a bit of an update',
    isInLog: false,
    effect: 'one refused',
    inflict: (folder) => flipIn(join(folder, 'weft.db'), wordOf(DAMAGED, 40)),
  },
  {
    name: 'a page',
    isInLog: false,
    effect: 'one refused',
    inflict: (folder) => wipePage(join(folder, 'weft.db'), wordOf(DAMAGED, 40)),
  },
  {
    name: 'a bit of the write-ahead log',
    isInLog: true,
    effect: 'mended',
    inflict: (folder) => flipIn(join(folder, 'weft.db-wal'), wordOf(DAMAGED, 10)),
  },
  {
    name: 'a page of the write-ahead log',
    isInLog: true,
    effect: 'all refused',
    inflict: (folder) => wipePage(join(folder, 'weft.db-wal'), wordOf(DAMAGED, 10)),
  },
]

export const corruption: Row = {
  number: 10,
  promise: 'Damage on the disk is found, told with a command, and stays with its document',
  control: 'does not compare checksums',
  limits: {
    'damages not found': exactly(0),
    'sound documents refused': exactly(0),
    'messages without a command': exactly(0),
  },
  async measure(lab, subject) {
    const mutant = subject === 'control' ? trustsTheDisk : null
    const tally: Tally = { notFound: 0, refused: 0, withoutCommand: 0 }
    const folders = await makeFolders(lab)
    for (const damage of DAMAGES) {
      lab.progress(damage.name)
      const folder = join(await lab.folder(), 'data')
      await cp(damage.isInLog ? folders.inLog : folders.settled, folder, { recursive: true })
      await damage.inflict(folder)
      if (damage.effect === 'all refused') await expectRefusal(lab, folder, tally)
      else if (damage.effect === 'mended') await expectMended(lab, folder, tally)
      else await expectOneRefused(lab, { folder, mutant, tally })
    }
    return {
      'damages not found': tally.notFound,
      'sound documents refused': tally.refused,
      'messages without a command': tally.withoutCommand,
      damages: DAMAGES.length,
    }
  },
}

interface Tally {
  notFound: number
  refused: number
  withoutCommand: number
}

/** The same documents twice: in the database, and, as a crash leaves them, in the write-ahead log. */
async function makeFolders(lab: Lab): Promise<{ readonly settled: string; readonly inLog: string }> {
  const home = await lab.folder()
  const [settled, inLog] = [join(home, 'settled'), join(home, 'in-log')]
  const store = await openSqliteStore({ folder: settled, packAfterUpdates: 2 * UPDATES })
  const pages = await Promise.all(
    DOCUMENTS.map(async (name) => ({ name, ...(await store.open(parseDocumentId(name))), doc: new Y.Doc() })),
  )
  for (let at = 0; at < UPDATES; at++) {
    const documents = pages.map(({ name, handle, doc }) => {
      const before = Y.encodeStateVector(doc)
      doc.getText('content').insert(doc.getText('content').length, wordOf(name, at))
      const bytes = Y.encodeStateAsUpdate(doc, before)
      return { handle, updates: [{ bytes, author: { user: '', name: '' }, atMs: at }] }
    })
    await store.commit({ documents })
  }
  await cp(settled, inLog, { recursive: true })
  await store.close()
  // What was deleted is still in the file: damage to that would harm nobody.
  const database = new Database(join(settled, 'weft.db'))
  database.exec('VACUUM')
  database.close()
  return { settled, inLog }
}

/** What the update number `at` of a document writes; it is found in the file by it. */
function wordOf(document: string, at: number): string {
  return `${document} ${at} ${'x'.repeat(40)} `
}

interface Trial {
  readonly folder: string
  readonly mutant: Mutant | null
  readonly tally: Tally
}

async function expectOneRefused(lab: Lab, { folder, mutant, tally }: Trial): Promise<void> {
  const server = await lab.server({ data: folder, mutant })
  const isServed = await Promise.all(DOCUMENTS.map((name) => opens(lab, server.url, name)))
  if (isServed[0] === true) tally.notFound++
  tally.refused += isServed.slice(1).filter((served) => !served).length
  if (isServed[0] === false && !COMMAND.test(server.complaints.replaceAll('\\"', '"'))) tally.withoutCommand++
  const { code, output } = await weft('verify', '--data', folder)
  if (code !== 1 || !output.includes(DAMAGED)) tally.notFound++
  await server.kill()
}

/** Nobody misses anything, and the log says what was put back. */
async function expectMended(lab: Lab, folder: string, tally: Tally): Promise<void> {
  const server = await lab.server({ data: folder })
  const isServed = await Promise.all(DOCUMENTS.map((name) => opens(lab, server.url, name)))
  tally.refused += isServed.filter((served) => !served).length
  if (!server.complaints.includes('has been put back')) tally.notFound++
  const { code } = await weft('verify', '--data', folder)
  if (code !== 0) tally.notFound++
  await server.kill()
}

/** The server does not start, since it cannot tell what it would lose; after the command that it names it does. */
async function expectRefusal(lab: Lab, folder: string, tally: Tally): Promise<void> {
  const refusal = await lab.server({ data: folder }).then(
    () => null,
    (thrown: unknown) => String(thrown),
  )
  if (refusal === null) {
    tally.notFound++
    return
  }
  const command = COMMAND.exec(refusal)?.[0]
  if (command === undefined) {
    tally.withoutCommand++
    return
  }
  execFileSync('sh', ['-c', command])
  const server = await lab.server({ data: folder })
  const isServed = await Promise.all(DOCUMENTS.map((name) => opens(lab, server.url, name)))
  tally.refused += isServed.filter((served) => !served).length
  await server.kill()
}

/** Whether somebody who joins gets the document. */
async function opens(lab: Lab, url: string, document: string): Promise<boolean> {
  const client = lab.client(url, document)
  const hasOpened = await until(() => client.synced, PATIENCE_MS).then(
    () => true,
    () => false,
  )
  client.destroy()
  return hasOpened
}

/** Flips one bit of the first place in a file where `text` is. */
async function flipIn(file: string, text: string): Promise<void> {
  const bytes = await readFile(file)
  const at = placeOf(bytes, text) + text.length - 4
  bytes.writeUInt8(bytes.readUInt8(at) ^ 0b100, at)
  await writeFile(file, bytes)
}

/** Overwrites the page that holds `text`. */
async function wipePage(file: string, text: string): Promise<void> {
  const bytes = await readFile(file)
  const at = Math.floor(placeOf(bytes, text) / PAGE_BYTES) * PAGE_BYTES
  bytes.fill(0xa5, at, at + PAGE_BYTES)
  await writeFile(file, bytes)
}

function placeOf(bytes: Buffer, text: string): number {
  const at = bytes.indexOf(text)
  if (at === -1) throw new Error(`"${text}" is not in the file.`)
  return at
}
