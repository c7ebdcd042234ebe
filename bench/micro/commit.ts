/** What the way to the disk costs: the store alone, then rooms, committer and store, without sockets. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { defaultOptions } from '../../server/config.ts'
import { Rooms } from '../../server/core/rooms.ts'
import { createCompute } from '../../server/compute/compute.ts'
import type { Compute } from '../../server/ports/compute.ts'
import type { Store } from '../../server/ports/store.ts'
import { openSqliteStore } from '../../server/store/sqlite-store.ts'
import { parseDocumentId } from '../../shared/ids.ts'
import { FIRST_TYPIST, typing } from '../load/typing.ts'
import { type Cost, costPerUnit } from './timing.ts'

const AUTHOR = { user: 'bench', name: '' }
const WRITER = { author: AUTHOR, owner: null, writableRoots: null }
const SILENT = { info: ignore, warn: ignore, error: ignore }

interface Size {
  readonly documents: number
  /** Updates of each document in one commit. */
  readonly updates: number
}

const SIZES: readonly Size[] = [
  { documents: 1, updates: 1 },
  { documents: 1, updates: 100 },
  { documents: 500, updates: 1 },
  { documents: 500, updates: 10 },
]

/** Lines of a Markdown table. */
export async function microCommit(): Promise<readonly string[]> {
  const lines = [
    '| one commit | ms (median) | main thread, µs/update | other threads, µs/update |',
    '| --- | ---: | ---: | ---: |',
  ]
  for (const size of SIZES) {
    const label = `${size.documents} × ${size.updates}`
    lines.push(line(`store, ${label}`, await inStore((store) => storeCost(store, size))))
    lines.push(line(`rooms and store, ${label}`, await inStore((store) => roomsCost(store, size))))
  }
  return lines
}

async function storeCost(store: Store, { documents, updates }: Size): Promise<Cost> {
  const handles: number[] = []
  for (let at = 0; at < documents; at++) handles.push((await store.open(parseDocumentId(`document-${at}`))).handle)
  const pending = Array.from(typing(FIRST_TYPIST, updates, null), ({ update }) => ({
    bytes: Uint8Array.from(update),
    author: AUTHOR,
    atMs: Date.now(),
  }))
  const batch = { documents: handles.map((handle) => ({ handle, updates: pending })) }
  return costPerUnit(async () => {
    await store.commit(batch)
    return documents * updates
  })
}

async function roomsCost(store: Store, { documents, updates }: Size): Promise<Cost> {
  const compute: Compute = createCompute({ ...defaultOptions, threads: 1 })
  const rooms = new Rooms({ store, compute, log: SILENT, options: defaultOptions })
  const writers = await Promise.all(
    Array.from({ length: documents }, async (_, at) => ({
      room: await rooms.load(parseDocumentId(`document-${at}`)),
      letters: typing(FIRST_TYPIST, 2 ** 30, null),
    })),
  )
  const cost = await costPerUnit(async () => {
    for (const { room, letters } of writers) {
      for (let at = 0; at < updates; at++) {
        const { value } = letters.next()
        if (value !== undefined) room.submit(value.update, WRITER)
      }
    }
    await rooms.whenCommitted()
    await turn()
    return documents * updates
  })
  await rooms.close()
  await compute.close()
  return cost
}

async function inStore(measure: (store: Store) => Promise<Cost>): Promise<Cost> {
  const folder = await mkdtemp(join(tmpdir(), 'weft-micro-'))
  const store = await openSqliteStore({ folder })
  try {
    return await measure(store)
  } finally {
    await store.close()
    await rm(folder, { recursive: true })
  }
}

function line(label: string, { medianMs, mainMicroseconds, otherMicroseconds }: Cost): string {
  return `| ${label} | ${medianMs.toFixed(2)} | ${mainMicroseconds.toFixed(2)} | ${otherMicroseconds.toFixed(2)} |`
}

function ignore(): void {}
