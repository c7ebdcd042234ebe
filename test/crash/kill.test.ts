/** SIGKILL at the worst moment: what anybody saw or was told is saved is there afterwards. */
import { expect, onTestFinished, test } from 'vitest'
import type * as Y from 'yjs'
import type { Client } from '../../web/client/index.ts'
import { randomFrom } from '../../trust/fuzz/update-documents.ts'
import { stockClient, weftClient } from '../support/clients.ts'
import { until } from '../support/eventually.ts'
import { runServerProcess, type ServerProcess } from '../support/server.ts'

const UPDATES = 1_000
const ROUNDS = 10
const TYPISTS = 4

/** Changes a typist leaves unsaved before it waits: enough that commits hold several, few enough to have many commits. */
const MAX_UNSAVED = 5

test('[KL1] 1,000 updates, SIGKILL as the last one reaches another client: 1,000 are there, ten times in a row', async () => {
  const server = await runServerProcess()
  const counts: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const document = `round ${round}`
    const writer = stockClient('3.1.0', server.wsUrl, document)
    const reader = stockClient('3.1.0', server.wsUrl, document)
    await until(() => writer.provider.synced && reader.provider.synced)
    const killed = new Promise<void>((resolve) => {
      reader.doc.on('update', () => {
        if (reader.text.length === UPDATES) resolve(server.kill())
      })
    })
    for (let update = 0; update < UPDATES; update++) writer.text.insert(update, 'x')
    await killed
    // Gone for good, or they would bring back what the server lost.
    writer.provider.destroy()
    reader.provider.destroy()
    await server.start()
    const witness = stockClient('3.1.0', server.wsUrl, document)
    await until(() => witness.provider.synced)
    counts.push(witness.text.length)
    witness.provider.destroy()
  }
  expect(counts).toEqual(Array.from({ length: ROUNDS }, () => UPDATES))
})

test.each([1])('[KL2] what a client was told is saved, or saw of others, survives SIGKILL (seed %i)', async (seed) => {
  const random = randomFrom(seed)
  const server = await runServerProcess()
  for (let round = 0; round < ROUNDS; round++) {
    const typists = await startTyping(server, round)
    await untilSaved(typists, Math.floor(1 + random() * 400))
    await server.kill()
    for (const typist of typists) typist.stop()
    await until(() => typists.every(({ client }) => client.status !== 'connected'))
    const promised = typists.map(({ client, name }) => ({
      saved: client.doc.getArray(name).length - client.unsaved,
      seen: typists.map((other) => (other.name === name ? 0 : client.doc.getArray(other.name).length)),
    }))
    for (const { client } of typists) client.destroy()

    await server.start()
    const witness = weftClient(server.url, 'plan')
    await witness.whenSynced
    for (const [index, { name }] of typists.entries()) {
      const kept = witness.doc.getArray<number>(name).toArray()
      const seen = promised.map((promise) => promise.seen[index] ?? 0)
      expect(kept.length).toBeGreaterThanOrEqual(Math.max(promised[index]?.saved ?? 0, ...seen))
      expect(kept).toEqual(kept.map((_, number) => number))
    }
    witness.destroy()
  }
})

test.each([1])(
  '[KL3] clients that outlive the server bring everything to the next, and say so (seed %i)',
  async (seed) => {
    const random = randomFrom(seed)
    const server = await runServerProcess()
    const typists = await startTyping(server, 0)
    for (let round = 1; round <= ROUNDS; round++) {
      await untilSaved(typists, totalTyped(typists) + Math.floor(1 + random() * 100))
      await server.kill()
      await server.start()
    }
    for (const typist of typists) typist.stop()
    await until(() => typists.every(({ client }) => client.synced && client.unsaved === 0))
    await server.kill()
    const typed = typists.map(({ client, name }) => client.doc.getArray(name).toArray())
    for (const { client } of typists) client.destroy()
    await server.start()
    const witness = weftClient(server.url, 'plan')
    await witness.whenSynced
    expect(typists.map(({ name }) => witness.doc.getArray(name).toArray())).toEqual(typed)
  },
)

interface Typist {
  readonly client: Client
  /** Of the array it types into: 0, 1, 2 … */
  readonly name: string
  stop(): void
}

/** Clients that type without pause, a few changes ahead of what is saved. */
async function startTyping(server: ServerProcess, round: number): Promise<Typist[]> {
  const clients = Array.from({ length: TYPISTS }, () => weftClient(server.url, 'plan'))
  await Promise.all(clients.map(({ whenSynced }) => whenSynced))
  return clients.map((client, index) => type(client, `round ${round} typist ${index}`))
}

function type(client: Client, name: string): Typist {
  const target: Y.Array<number> = client.doc.getArray(name)
  const typing = setInterval(() => {
    if (client.unsaved < MAX_UNSAVED) target.push([target.length])
  })
  const stop = (): void => clearInterval(typing)
  onTestFinished(stop)
  return { client, name, stop }
}

function totalTyped(typists: readonly Typist[]): number {
  return typists.reduce((sum, { client, name }) => sum + client.doc.getArray(name).length, 0)
}

/** Resolves the moment so many of the typists' changes are saved. */
async function untilSaved(typists: readonly Typist[], count: number): Promise<void> {
  await new Promise<void>((resolve) => {
    const listener = (): void => {
      const unsaved = typists.reduce((sum, { client }) => sum + client.unsaved, 0)
      if (totalTyped(typists) - unsaved < count) return
      for (const { client } of typists) client.off('state', listener)
      resolve()
    }
    for (const { client } of typists) client.on('state', listener)
  })
}
