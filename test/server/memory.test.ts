/** What is left of documents that nobody needs any more. */
import { constants, getPriority } from 'node:os'
import { expect, onTestFinished, test } from 'vitest'
import * as Y from 'yjs'
import { memoryRelief } from '../../server/cli/memory.ts'
import { launchServer } from '../../trust/server-process.ts'
import { until } from '../support/eventually.ts'
import { tellingLoaded } from '../support/loaded-modules.ts'
import { nicenessOf } from '../support/niceness.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const OBJECTS = 400_000
/** Small enough for the C library to put them next to each other, large enough for V8 to keep them outside of its heap. */
const BUFFER_BYTES = 300

test('[ME1] memory that nothing refers to is given back at once, without anybody having to allocate more', () => {
  const before = process.memoryUsage()
  let documents: unknown[] | null = Array.from({ length: OBJECTS }, (_, at) => ({ at, text: `document ${at}` }))
  const taken = process.memoryUsage().heapTotal - before.heapTotal
  expect(documents).toHaveLength(OBJECTS)
  documents = null
  memoryRelief().emptied()
  const left = process.memoryUsage().heapTotal - before.heapTotal
  expect(left).toBeLessThan(taken / 2)
})

test('[ME2] what the C library keeps of what was freed is given back too, also from between what is still needed', async () => {
  let buffers: Uint8Array[] | null = Array.from({ length: OBJECTS }, () => new Uint8Array(BUFFER_BYTES).fill(1))
  const needed = buffers.filter((_, at) => at % 100 === 0)
  const full = outsideOfHeap()
  buffers = null
  memoryRelief().emptied()
  const freed = (OBJECTS - needed.length) * BUFFER_BYTES
  await expect.poll(() => full - outsideOfHeap()).toBeGreaterThan(freed / 2)
  expect(needed.every(([first]) => first === 1)).toBe(true)
})

test('[ME3] a server does so when the thread that tried out an update has ended', async () => {
  const args = ['--inline-walk-bytes', '1', '--idle-thread-ms', '1', '--room-idle-ms', '600000']
  const server = await launchServer({ data: await temporaryFolder(), args, env: tellingLoaded() })
  onTestFinished(() => server.kill())
  const callsTheLibrary = (): boolean => server.complaints.includes('/node_modules/koffi/')
  expect(callsTheLibrary()).toBe(false)
  const doc = new Y.Doc()
  doc.getText('content').insert(0, 'hello')
  const body = Uint8Array.from(Y.encodeStateAsUpdate(doc))
  const { status } = await fetch(`${server.url}/d/plan/update`, { method: 'POST', body })
  expect(status).toBe(200)
  await until(callsTheLibrary)
})

test('[ME4] the thread that does so lets all others go first from its first instruction on', () => {
  const before = nicenessOf(process.pid)
  memoryRelief().rested()
  const started = [...nicenessOf(process.pid)].filter(([thread]) => !before.has(thread))
  expect(started.map(([, niceness]) => niceness)).toEqual([constants.priority.PRIORITY_BELOW_NORMAL])
  expect(getPriority()).toBe(constants.priority.PRIORITY_NORMAL)
})

function outsideOfHeap(): number {
  const { rss, heapTotal } = process.memoryUsage()
  return rss - heapTotal
}
