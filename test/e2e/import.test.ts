/** What other systems' servers stored while their own clients wrote, taken over by the built `weft import`. */
import { cp, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { WebsocketProvider } from 'y-websocket'
import * as Y from 'yjs'
import { stockClient } from '../support/clients.ts'
import { eventually, until } from '../support/eventually.ts'
import { startForeignServer } from '../support/foreign-servers.ts'
import { families, startFamily } from '../support/matrix.ts'
import { runServerProcess } from '../support/server.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { weft } from '../support/weft.ts'

/** Larger than most of what a server gets in one message. */
const LONG = 'All work and no play makes Jack a dull boy.\n'.repeat(20_000)

/** What is imported: documents with their text. Slashes, blanks and other scripts belong to names. */
const TEXTS = { plan: 'here before 😀', 'team/größe 1': 'notes', long: LONG } as const

/** Has clients of y-websocket write TEXTS to its server, which keeps them in a y-leveldb folder. */
async function writeYLevelDb(folder: string): Promise<void> {
  const server = await startForeignServer('y-websocket', folder)
  const url = server.url.replace('http', 'ws')
  for (const [document, text] of Object.entries(TEXTS)) {
    const writer = stockClient('1.5.4', url, document)
    await until(() => writer.provider.synced)
    writer.text.insert(0, 'gone')
    writer.text.delete(0, 4)
    writer.text.insert(0, text)
    const reader = stockClient('1.5.4', url, document)
    await until(() => reader.text.length === text.length)
  }
  await server.stop()
}

/** Has clients of Hocuspocus write TEXTS to its server, which keeps them in documents.sqlite. */
async function writeHocuspocus(folder: string): Promise<void> {
  const [family] = families.filter(({ name }) => name === 'hocuspocus-4.8.0')
  if (family === undefined) throw new Error('There is no such family.')
  const server = await startForeignServer('hocuspocus', folder)
  const clients = await startFamily(family)
  try {
    for (const [document, text] of Object.entries(TEXTS)) {
      await clients.open(document, server.url, document)
      await eventually(async () => expect(await clients.isSynced(document)).toBe(true))
      await clients.insert(document, 0, text)
      await eventually(async () => expect(await clients.isSaved(document)).toBe(true))
    }
  } finally {
    await clients.stop()
    await server.stop()
  }
}

async function bytesIn(folder: string): Promise<unknown> {
  const files = (await readdir(folder)).toSorted()
  return Promise.all(files.map(async (file) => [file, (await readFile(join(folder, file))).toString('base64')]))
}

test.each([
  { system: 'Hocuspocus', write: writeHocuspocus, path: 'documents.sqlite' },
  { system: 'y-leveldb', write: writeYLevelDb, path: '' },
])('[IM1] what $system stored is the same here, and a second import adds nothing', async ({ write, path }) => {
  const folder = await temporaryFolder()
  await write(folder)
  const stored = await bytesIn(folder)

  const server = await runServerProcess()
  const imported = await weft('import', join(folder, path), '--data', server.data)
  expect(imported).toMatchObject({ code: 0, error: '' })
  expect(imported.out).toMatch(
    /^Imported 3 new documents and changes to 0, \d+ bytes; 0 have nothing new, 0 problems\.\n$/,
  )
  for (const [document, text] of Object.entries(TEXTS)) {
    const { text: here } = stockClient('3.1.0', server.wsUrl, document)
    await until(() => here.length === text.length)
    expect(here.toJSON() === text).toBe(true)
  }
  const history = (await weft('history', 'long', '--json', '--data', server.data)).out
  expect(JSON.parse(history)).toMatchObject([{ user: 'import', name: 'Import' }])

  const again = await weft('import', join(folder, path), '--data', server.data)
  expect(again.out).toBe('Imported 0 new documents and changes to 0, 0 bytes; 3 have nothing new, 0 problems.\n')
  expect((await weft('history', 'long', '--json', '--data', server.data)).out).toBe(history)
  expect(await bytesIn(folder)).toEqual(stored)
})

test('[IM2] on a folder that no server holds the same is imported, edits made since included', async () => {
  const folder = await temporaryFolder()
  await writeYLevelDb(folder)
  const server = await runServerProcess()
  await weft('import', folder, '--data', server.data)
  const before = stockClient('3.1.0', server.wsUrl, 'plan')
  await until(() => before.text.length === TEXTS.plan.length)
  before.text.insert(0, 'edited, ')
  await until(() => before.traffic.received > 1)
  before.provider.destroy()

  const old = await temporaryFolder()
  await cp(folder, old, { recursive: true })
  const oldServer = await startForeignServer('y-websocket', old)
  const straggler = stockClient('1.5.4', oldServer.url.replace('http', 'ws'), 'plan')
  await until(() => straggler.text.length === TEXTS.plan.length)
  straggler.text.insert(TEXTS.plan.length, ', late')
  const witness = stockClient('1.5.4', oldServer.url.replace('http', 'ws'), 'plan')
  await until(() => witness.text.toJSON().endsWith('late'))
  await oldServer.stop()

  expect(await server.stop()).toBe(0)
  const { out } = await weft('import', old, '--data', server.data)
  expect(out).toMatch(/^Imported 0 new documents and changes to 1, \d+ bytes; 2 have nothing new, 0 problems\.\n$/)
  await server.start()
  const after = stockClient('3.1.0', server.wsUrl, 'plan')
  await until(() => after.text.toJSON() === `edited, ${TEXTS.plan}, late`)
})

test('[IM15] a document connected to both servers carries edits both ways', async () => {
  const server = await runServerProcess()
  const old = await startForeignServer('y-websocket', await temporaryFolder())
  const oldUrl = old.url.replace('http', 'ws')
  const here = stockClient('3.1.0', server.wsUrl, 'plan')
  const there = stockClient('1.5.4', oldUrl, 'plan')
  const doc = new Y.Doc()
  const providers = [server.wsUrl, oldUrl].map((url) => {
    return new WebsocketProvider(url, 'plan', doc, { WebSocketPolyfill: WebSocket as never, disableBc: true })
  })
  here.text.insert(0, 'here')
  await until(() => there.text.toJSON() === 'here')
  there.text.insert(4, ' and there')
  await until(() => here.text.toJSON() === 'here and there')
  for (const provider of providers) provider.destroy()
  await old.stop()
})
