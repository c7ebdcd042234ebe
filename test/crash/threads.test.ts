/** A thread of the server dies at the worst moment: nothing is lost, nothing doubled, and everybody goes on. */
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { defaultOptions as storeDefaults } from '../../server/store/options.ts'
import type { Client } from '../../web/client/index.ts'
import { below, documentOf, pick, randomFrom } from '../../trust/fuzz/update-documents.ts'
import { stockClient, weftClient } from '../support/clients.ts'
import { until } from '../support/eventually.ts'
import { runServer } from '../support/running-server.ts'
import { livingThread, seenThreads } from '../support/seen-threads.ts'
import { readStored } from '../support/stored.ts'

vi.mock('node:worker_threads', async (original) => (await import('../support/seen-threads.ts')).seeThreads(original))

const FIRST_SEED = Number(process.env['THREADS_FIRST_SEED'] ?? 1)
const SEEDS = Array.from({ length: Number(process.env['THREADS_SEEDS'] ?? 2) }, (_, index) => FIRST_SEED + index)

const DOCUMENT = 'plan'
const TYPISTS = 4
/** One less than end in a pause of a minute. */
const STORAGE_DEATHS = storeDefaults.maxThreadDeathsPerMinute - 1
const COMPUTE_DEATHS = 8
/** Changes a typist leaves unsaved before it waits. */
const MAX_UNSAVED = 5

beforeEach(() => void seenThreads.splice(0))

test.each(SEEDS)(
  '[KT1] threads die under typing clients: what was acknowledged is there once, and all converge (seed %i)',
  async (seed) => {
    const random = randomFrom(seed)
    // So that the compute thread is nearly always at work: folding, and making what newcomers are sent.
    const server = await runServer({ compactAfterUpdates: 5, compactAfterBytes: 50, inlineDiffBytes: 0 })
    const typists = Array.from({ length: TYPISTS }, (_, index) => typist(server.url, `typist ${index}`))
    const deaths = [
      ...Array.from({ length: STORAGE_DEATHS }, () => 'storage'),
      ...Array.from({ length: COMPUTE_DEATHS }, () => 'compute'),
    ]
    while (deaths.length > 0) {
      const [kind] = deaths.splice(below(random, deaths.length), 1)
      await untilSaved(typists, typists.reduce((sum, { saved }) => sum + saved(), 0) + below(random, 60))
      stockClient(pick(random, ['1.5.4', '3.1.0']), server.wsUrl, DOCUMENT)
      await until(() => livingThread(kind ?? '') !== null)
      await livingThread(kind ?? '')?.terminate()
    }
    const promised = typists.map(({ saved }) => saved())
    for (const { stop } of typists) stop()
    const late = weftClient(server.url, DOCUMENT)
    const shown = (client: Client) => typists.map(({ name }) => client.doc.getArray(name).toArray())
    await until(() => {
      for (const { client } of typists) expect([client.synced, client.unsaved]).toEqual([true, 0])
      for (const { client } of typists) expect(shown(late)).toEqual(shown(client))
    })
    expect(shown(late)).toEqual(typists.map(({ typed }) => Array.from({ length: typed() }, (_, number) => number)))
    for (const [index, count] of promised.entries()) expect(shown(late)[index]?.length).toBeGreaterThanOrEqual(count)

    const expected = shown(late)
    await server.close()
    const { log, repeated, content, problems } = await readStored(server.data, DOCUMENT)
    expect({ repeated, problems }).toEqual({ repeated: 0, problems: [] })
    for (const updates of [log, content]) {
      const doc = documentOf(updates)
      expect(typists.map(({ name }) => doc.getArray(name).toArray())).toEqual(expected)
    }
  },
)

interface Typist {
  readonly client: Client
  /** Of the array it types into: 0, 1, 2 … */
  readonly name: string
  typed(): number
  /** How many of them it was told are on disk. */
  saved(): number
  stop(): void
}

/** A client that types without pause, a few changes ahead of what is saved. */
function typist(url: string, name: string): Typist {
  const client = weftClient(url, DOCUMENT)
  const target = client.doc.getArray<number>(name)
  const typing = setInterval(() => {
    if (client.state.ready && client.unsaved < MAX_UNSAVED) target.push([target.length])
  })
  const stop = (): void => clearInterval(typing)
  onTestFinished(stop)
  return { client, name, typed: () => target.length, saved: () => target.length - client.unsaved, stop }
}

/** Resolves the moment so many of the typists' changes are saved. */
async function untilSaved(typists: readonly Typist[], count: number): Promise<void> {
  await until(() => typists.reduce((sum, { saved }) => sum + saved(), 0) >= count)
}
