/**
 * Every published client against the built server: what docs/compatibility.md says is written by this test.
 *
 * `npx vitest run dist/test/e2e/compatibility.test.js -u` writes the table anew.
 */
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { accessCells } from '../support/access-cells.ts'
import { stockClient } from '../support/clients.ts'
import { eventually, until } from '../support/eventually.ts'
import { families, type RemoteFamily, startFamily } from '../support/matrix.ts'
import { runServerProcess } from '../support/server.ts'

const TABLE = fileURLToPath(new URL('../../../docs/compatibility.md', import.meta.url))

/** The columns, in order. */
const COLUMNS = [
  'first sync',
  'edits both ways',
  'awareness',
  'says saved',
  'late joiner',
  '5 MB',
  'offline edits',
  'kill -9',
  'restart',
  'shared socket',
  'read-only',
  'denied',
  'token refresh',
  'role change',
] as const

type Column = (typeof COLUMNS)[number]

const MEGABYTE = 'All work and no play makes Jack a dull boy.\n'.repeat(24_000).slice(0, 1_000_000)

const cells = new Map<string, string>()

describe.each(families)('$name', (family) => {
  let clients: RemoteFamily
  beforeAll(async () => {
    clients = await startFamily(family)
  }, 300_000)
  afterAll(() => clients.stop())

  const cell = (column: Column, run: () => Promise<string | void>): void => {
    test(`[CM1] ${column}`, async () => {
      cells.set(`${family.name} ${column}`, 'fails')
      cells.set(`${family.name} ${column}`, (await run()) ?? 'works')
    })
  }

  const isSynced = (name: string): Promise<void> =>
    eventually(async () => expect(await clients.isSynced(name)).toBe(true))
  const reads = (name: string, text: string): Promise<void> =>
    eventually(async () => expect(await clients.text(name)).toBe(text))

  cell('first sync', async () => {
    const { url, wsUrl } = await runServerProcess()
    const other = stockClient('3.1.0', wsUrl, 'plan')
    other.text.insert(0, 'here before 😀')
    await clients.open('first', url, 'plan')
    await isSynced('first')
    await reads('first', 'here before 😀')
    await clients.close('first')
  })

  cell('edits both ways', async () => {
    const { url, wsUrl } = await runServerProcess()
    const other = stockClient('3.1.0', wsUrl, 'plan')
    await clients.open('editor', url, 'plan')
    await isSynced('editor')
    await clients.insert('editor', 0, 'from it')
    await until(() => other.text.toJSON() === 'from it')
    other.text.insert(0, 'to it, ')
    await reads('editor', 'to it, from it')
    await clients.close('editor')
  })

  cell('awareness', async () => {
    const { url, wsUrl } = await runServerProcess()
    const other = stockClient('3.1.0', wsUrl, 'plan')
    other.provider.awareness.setLocalStateField('name', 'Ada')
    await clients.open('ben', url, 'plan')
    await isSynced('ben')
    await clients.introduce('ben', 'Ben')
    const names = (): unknown[] => Array.from(other.provider.awareness.getStates().values(), (state) => state['name'])
    await until(() => names().includes('Ben'))
    await eventually(async () => expect([...(await clients.names('ben'))].toSorted()).toEqual(['Ada', 'Ben']))
    await clients.close('ben')
    await until(() => !names().includes('Ben'))
  })

  cell('says saved', async () => {
    const { url } = await runServerProcess()
    await clients.open('saver', url, 'plan')
    await isSynced('saver')
    await clients.insert('saver', 0, 'a')
    if ((await clients.isSaved('saver')) === null) {
      await clients.close('saver')
      return 'no sign'
    }
    await eventually(async () => expect(await clients.isSaved('saver')).toBe(true))
    await clients.close('saver')
  })

  cell('late joiner', async () => {
    const { url } = await runServerProcess()
    await clients.open('early', url, 'plan')
    await isSynced('early')
    for (let at = 0; at < 50; at++) await clients.insert('early', at, String(at % 10))
    const text = await clients.text('early')
    await clients.open('late', url, 'plan')
    await reads('late', text)
    await isSynced('late')
    for (const name of ['early', 'late']) await clients.close(name)
  })

  cell('5 MB', async () => {
    const { url, wsUrl } = await runServerProcess()
    const other = stockClient('3.1.0', wsUrl, 'large')
    await clients.open('writer', url, 'large')
    await isSynced('writer')
    for (let at = 0; at < 5; at++) await clients.insert('writer', 0, MEGABYTE)
    await until(() => other.text.length === 5 * MEGABYTE.length)
    await clients.open('reader', url, 'large')
    await eventually(async () => expect(await clients.length('reader')).toBe(5 * MEGABYTE.length))
    await isSynced('reader')
    await clients.insert('reader', 0, 'still typing')
    await until(() => other.text.toString().startsWith('still typing'))
    for (const name of ['writer', 'reader']) await clients.close(name)
  })

  cell('offline edits', async () => {
    const { url, wsUrl } = await runServerProcess()
    const other = stockClient('3.1.0', wsUrl, 'plan')
    await clients.open('traveller', url, 'plan')
    await isSynced('traveller')
    await clients.cut('traveller')
    await eventually(async () => expect(await clients.isSynced('traveller')).toBe(false))
    for (const letter of 'enil') await clients.insert('traveller', 0, letter)
    other.text.insert(0, 'on')
    await clients.mend('traveller')
    await until(() => expect(['online', 'lineon']).toContain(other.text.toJSON()))
    await reads('traveller', other.text.toJSON())
    await eventually(async () => expect(await clients.isSaved('traveller')).not.toBe(false))
    await clients.close('traveller')
  })

  cell('kill -9', async () => {
    const server = await runServerProcess()
    const other = stockClient('3.1.0', server.wsUrl, 'plan')
    await clients.open('survivor', server.url, 'plan')
    await isSynced('survivor')
    await clients.insert('survivor', 0, 'before')
    await until(() => other.text.toJSON() === 'before')
    await server.kill()
    await eventually(async () => expect(await clients.isSynced('survivor')).toBe(false))
    await clients.insert('survivor', 6, ', meanwhile')
    await server.start()
    await until(() => other.text.toJSON() === 'before, meanwhile')
    await isSynced('survivor')
    await clients.insert('survivor', 0, 'after ')
    await until(() => other.text.toJSON() === 'after before, meanwhile')
    await clients.close('survivor')
  })

  cell('restart', async () => {
    const server = await runServerProcess()
    await clients.open('patient', server.url, 'plan')
    await isSynced('patient')
    await clients.insert('patient', 0, 'before')
    expect(await server.stop()).toBe(0)
    await server.start()
    const other = stockClient('3.1.0', server.wsUrl, 'plan')
    await until(() => other.text.toJSON() === 'before')
    other.text.insert(6, ' and after')
    await reads('patient', 'before and after')
    await clients.close('patient')
  })

  cell('shared socket', async () => {
    if (family.packageName !== '@hocuspocus/provider') return '–'
    const { url } = await runServerProcess()
    const isKeyed = family.version.startsWith('4')
    await clients.open('one', url, 'plan')
    await clients.open('two', url, 'notes', { socketOf: 'one' })
    // Only version 4 can have one document twice on a socket.
    await clients.open('three', url, isKeyed ? 'plan' : 'drafts', { socketOf: 'one' })
    for (const name of ['one', 'two', 'three']) await isSynced(name)
    await clients.insert('one', 0, 'plan')
    await clients.insert('two', 0, 'notes')
    await reads('three', isKeyed ? 'plan' : '')
    await clients.close('two')
    await clients.insert('three', 0, 'my ')
    await reads('one', isKeyed ? 'my plan' : 'plan')
    for (const name of ['three', 'one']) await clients.close(name)
  })

  for (const [column, run] of Object.entries(accessCells)) cell(column as Column, () => run(clients))
})

test('[CM2] one document edited by all of them at once becomes the same for everybody', async () => {
  const { url } = await runServerProcess()
  const all = await Promise.all(families.map(startFamily))
  try {
    await Promise.all(all.map((clients) => clients.open('one', url, 'everybody')))
    await Promise.all(all.map((clients) => eventually(async () => expect(await clients.isSynced('one')).toBe(true))))
    const edit = async (clients: RemoteFamily, mark: string): Promise<void> => {
      for (let edits = 0; edits < 20; edits++) {
        await clients.insert('one', Math.floor((await clients.length('one')) * ((edits * 7) % 10) * 0.1), mark)
      }
    }
    await Promise.all(all.map((clients, at) => edit(clients, String.fromCodePoint(97 + at))))
    const texts = async (): Promise<string[]> => Promise.all(all.map((clients) => clients.text('one')))
    await eventually(async () => {
      const [first = '', ...others] = await texts()
      expect(first.length).toBe(20 * families.length)
      for (const other of others) expect(other).toBe(first)
    })
    const counts = Array.from(families, (_, at) => String.fromCodePoint(97 + at).repeat(20)).join('')
    expect(((await texts())[0] ?? '').split('').toSorted().join('')).toBe(counts)
  } finally {
    await Promise.all(all.map((clients) => clients.stop()))
  }
})

test('[CM3] docs/compatibility.md says what was seen', async () => {
  const head = ['client', ...COLUMNS]
  const rows = families.map(({ name, packageName, version }) => [
    `${packageName} ${version}`,
    ...COLUMNS.map((column) => cells.get(`${name} ${column}`) ?? '?'),
  ])
  const lines = [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`)
  await expect(`${INTRODUCTION}\n${lines.join('\n')}\n${NOTES}`).toMatchFileSnapshot(TABLE)
})

const INTRODUCTION = `# Compatibility

Published clients against the built server, each unmodified from npm in an install of its own (\`test/matrix\`). Every cell is a test of
\`test/e2e/compatibility.test.ts\`, which writes this page. All nine of them edit one document at once and end up with the same text.
Editors on top of them: [editors.md](editors.md).
`

const NOTES = `
* **says saved**: the client has a sign of its own (Hocuspocus' \`unsyncedChanges\`, y-sweet's \`hasLocalChanges\`), and it turned. Weft answers after
  the commit, so the sign means "on disk". The y-websocket family has none; its updates come back after the commit.
* **offline edits**: the network was cut, both sides typed, the network came back.
* **kill -9**: the server was killed under the client, which typed on; then it was started again.
* **shared socket**: several documents on one connection; with version 4 also one document twice.
* **read-only**: with a viewer's token it reads what others type, what it types reaches nobody, and its sign, where it has one, does not say saved.
* **denied**: with a token for another document it gets nothing, and is told.
* **token refresh**: its token ran out while it typed. HocuspocusProvider 3 and 4 are asked for a fresh one; the others come back with it. Not a letter is lost.
* **role change**: it was made a viewer and an editor again while it typed; what it typed as a viewer is there in the end.
* @y/websocket 4 was run with @y/y 14.0.0-rc.7. As published it neither shows a sync status nor sends several messages in one frame.
`
