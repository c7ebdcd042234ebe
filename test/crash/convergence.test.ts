/**
 * Six people edit one document of every Yjs type while the server is killed, rooms are unloaded and connections come
 * and go: in the end all have the same, and so have the log and the snapshot.
 *
 * `CONVERGENCE_SEEDS=50` runs the long form, `CONVERGENCE_FIRST_SEED` begins elsewhere.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type * as Y from 'yjs'
import { below, contentOf, documentOf, editRandomly, pick, randomFrom } from '../../trust/fuzz/update-documents.ts'
import { stockClient, stockVersions, weftClient } from '../support/clients.ts'
import { until } from '../support/eventually.ts'
import { runServerProcess, type ServerProcess } from '../support/server.ts'
import { readStored } from '../support/stored.ts'

const FIRST_SEED = Number(process.env['CONVERGENCE_FIRST_SEED'] ?? 1)
const SEEDS = Array.from({ length: Number(process.env['CONVERGENCE_SEEDS'] ?? 2) }, (_, index) => FIRST_SEED + index)

const DOCUMENT = 'plan'
const STEPS = 300
const ROOM_IDLE_MS = 40

/** So that a document of a few kilobytes meets everything a large one does: folds, threads, pieces, catching up. */
const SMALL_LIMITS = {
  'room-idle-ms': ROOM_IDLE_MS,
  'compact-after-updates': 10,
  'compact-after-bytes': 100,
  'inline-diff-bytes': 1_000,
  'shared-content-bytes': 2_000,
  'chunk-bytes': 1_024,
  'behind-bytes': 2_000,
}

test.each(SEEDS)(
  '[CV1] six editors, lost connections, unloaded rooms, a killed server, a late joiner: all are equal, and the log is (seed %i)',
  async (seed) => {
    const random = randomFrom(seed)
    const server = await runServerProcess(...Object.entries(SMALL_LIMITS).map(([name, value]) => `--${name}=${value}`))
    const editors = [0, 1, 2, 3, 4, 5].map((index) => joinAs(index, server))
    await until(() => editors.every((editor) => editor.isSynced()))
    for (let step = 0; step < STEPS; step++) {
      const editor = pick(random, editors)
      const kind = random()
      if (kind < 0.02) await (random() < 0.5 ? restart(server) : leaveAlone(editors, random))
      else if (kind < 0.06) editor.disconnect()
      else if (kind < 0.12) editor.connect()
      else if (kind < 0.2) await pause(below(random, 20))
      else edit(editor.doc, random)
    }
    for (const editor of editors) editor.connect()
    const all = [...editors, joinAs(below(random, 6), server)]
    await until(() => {
      expect(all.map((editor) => editor.isSynced() && editor.isSaved())).not.toContain(false)
      for (const { doc } of all) expect(contentOf(doc)).toEqual(contentOf(all[0]?.doc ?? doc))
    })

    const shown = contentOf(all[0]?.doc ?? documentOf([]))
    await server.stop()
    const { log, repeated, content, problems } = await readStored(server.data, DOCUMENT)
    expect({ repeated, problems }).toEqual({ repeated: 0, problems: [] })
    expect(contentOf(documentOf(log))).toEqual(shown)
    expect(contentOf(documentOf(content))).toEqual(shown)
  },
)

interface Editor {
  readonly doc: Y.Doc
  isSynced(): boolean
  /** As far as the client is told. */
  isSaved(): boolean
  connect(): void
  disconnect(): void
}

/** Every other one is our own client, the others are the stock ones of all versions. */
function joinAs(index: number, server: ServerProcess): Editor {
  const version = stockVersions[(index - 1) / 2]
  if (version === undefined) {
    const client = weftClient(server.url, DOCUMENT)
    return {
      doc: client.doc,
      isSynced: () => client.synced,
      isSaved: () => client.unsaved === 0,
      connect: () => client.connect(),
      disconnect: () => client.disconnect(),
    }
  }
  const { doc, provider } = stockClient(version, server.wsUrl, DOCUMENT)
  return {
    doc,
    isSynced: () => provider.synced,
    isSaved: () => true,
    connect: () => provider.connect(),
    disconnect: () => provider.disconnect(),
  }
}

function edit(doc: Y.Doc, random: () => number): void {
  const edits = random() < 0.1 ? 1 + below(random, 20) : 1
  if (random() < 0.2) doc.transact(() => repeat(edits, () => editRandomly(doc, random)))
  else repeat(edits, () => editRandomly(doc, random))
}

async function restart(server: ServerProcess): Promise<void> {
  await server.kill()
  await server.start()
}

/** Everybody leaves, types on, and comes back about when the room is unloaded. */
async function leaveAlone(editors: readonly Editor[], random: () => number): Promise<void> {
  for (const editor of editors) editor.disconnect()
  await pause(below(random, 3 * ROOM_IDLE_MS))
  for (const editor of editors) {
    edit(editor.doc, random)
    editor.connect()
    if (random() < 0.5) await pause(below(random, ROOM_IDLE_MS))
  }
}

function repeat(times: number, action: () => void): void {
  for (let left = times; left > 0; left--) action()
}
