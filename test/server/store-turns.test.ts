/** Work on a large document, and the commits of others that come while it is done. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type Database from 'better-sqlite3'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Courtesy } from '../../server/store/courtesy.ts'
import { parcelOf } from '../../server/core/pieces.ts'
import { Engine } from '../../server/store/engine.ts'
import { encodeBatch } from '../../server/store/journal-payload.ts'
import { defaultOptions } from '../../server/store/options.ts'
import { sendParcel } from '../../server/threads/parcel.ts'
import { type Seq, parseDocumentId } from '../../shared/ids.ts'
import { Coverage } from '../../shared/update/coverage.ts'
import { keystrokes, pastes, pending } from '../contract/store-updates.ts'
import { editDatabase } from './store-files.ts'

const PASTES = 20
const PASTE_BYTES = 100_000

let folder: string
let engine: Engine

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weft-turns-'))
  engine = new Engine({ ...defaultOptions, folder }, { reserved: new Map(), journalEnd: null })
})

afterEach(async () => {
  await engine.close()
  await rm(folder, { recursive: true })
})

test('[SN1] commits wait for one piece of a large document, not for the whole: reading, saving, reading what was saved', async () => {
  const { handle } = await engine.open(parseDocumentId('large'))
  const updates = pastes(PASTES, PASTE_BYTES)
  await engine.commit(encodeBatch({ documents: [{ handle, updates: pending(updates) }] }))
  await engine.tidy()
  const other = await engine.open(parseDocumentId('other'))
  const letters = pending(keystrokes('x'.repeat(1_000)))

  /** How many commits are done while `work` is. */
  async function commitsDuring(work: Promise<unknown>): Promise<number> {
    let isDone = false
    void work.finally(() => {
      isDone = true
    })
    for (let commits = 0; ; commits++) {
      await nextTurn()
      if (isDone) return commits
      await engine.commit(encodeBatch({ documents: [{ handle: other.handle, updates: letters.splice(0, 1) }] }))
    }
  }

  // A segment holds 256 KiB, and what then completes an update.
  const pieces = PASTES / 4
  expect(await commitsDuring(engine.content(handle))).toBeGreaterThanOrEqual(pieces)
  expect(await commitsDuring(engine.log(handle, 1 as Seq, PASTES as Seq))).toBeGreaterThanOrEqual(pieces)
  const coverage = Coverage.empty().encode()
  const snapshot = { seq: PASTES as Seq, chunks: sendParcel(parcelOf(updates)), coverage, title: null }
  expect(await commitsDuring(engine.saveSnapshot(handle, snapshot))).toBeGreaterThan(PASTES)
  expect(await commitsDuring(engine.content(handle))).toBeGreaterThanOrEqual(PASTES - 1)
})

test('[SN2] parts of a snapshot that somebody reads stay until they are read, and go with the next one that is saved', async () => {
  const { handle } = await engine.open(parseDocumentId('large'))
  const updates = pastes(PASTES, PASTE_BYTES)
  await engine.commit(encodeBatch({ documents: [{ handle, updates: pending(updates) }] }))
  const coverage = Coverage.empty().encode()
  const save = async (seq: number): Promise<number> => {
    const chunks = sendParcel(parcelOf(updates.slice(0, seq).map((bytes) => bytes.slice())))
    await engine.saveSnapshot(handle, { seq: seq as Seq, chunks, coverage, title: null })
    const count = (database: Database.Database): unknown =>
      database.prepare('SELECT COUNT(*) FROM snapshot_parts').pluck().get()
    return Number(editDatabase(folder, count))
  }
  expect(await save(5)).toBe(5)
  const { reading } = await engine.beginReading(handle)
  expect(await save(7)).toBe(5 + 7)
  const read: Uint8Array[] = []
  for (let page = await engine.readOn(reading); page.length > 0; page = await engine.readOn(reading)) read.push(...page)
  expect(read).toEqual(updates.slice(0, 5))
  await engine.endReading(reading)
  expect(await save(8)).toBe(8)
})

test('[SN3] while somebody commits, work on a large document rests after each step as long as that took; alone it does not', async () => {
  const rests: number[] = []
  const courtesy = new Courtesy((ms) => Promise.resolve(rests.push(ms)))
  const steps = async (count: number): Promise<void> => {
    for (let step = 0; step < count; step++) await courtesy.turn()
  }
  // The last step's rest begins with the next turn of the event loop.
  const lastRest = async (): Promise<void> => {
    await nextTurn()
    await nextTurn()
  }
  await steps(3)
  await lastRest()
  expect(rests).toEqual([])
  courtesy.noteCommit()
  await Promise.all([steps(2), steps(2)])
  await lastRest()
  expect(rests.length).toBe(4)
  for (const ms of rests) expect(ms).toBeGreaterThanOrEqual(1)
})

test('[SN4] works that take turns go on in the order in which they came', async () => {
  const courtesy = new Courtesy()
  const order: string[] = []
  const work = async (name: string): Promise<void> => {
    for (let step = 0; step < 3; step++) {
      await courtesy.turn()
      order.push(name)
    }
  }
  await Promise.all([work('a'), work('b')])
  expect(order.join('')).toBe('ababab')
})
