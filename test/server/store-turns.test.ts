/** Work on a large document, and the commits of others that come while it is done. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Engine } from '../../server/store/engine.ts'
import { encodeBatch } from '../../server/store/journal-payload.ts'
import { defaultOptions } from '../../server/store/options.ts'
import { type Seq, parseDocumentId } from '../../shared/ids.ts'
import { Coverage } from '../../shared/update/coverage.ts'
import { keystrokes, pastes, pending } from '../contract/store-updates.ts'

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
  const snapshot = { seq: PASTES as Seq, chunks: updates, coverage, title: null }
  expect(await commitsDuring(engine.saveSnapshot(handle, snapshot))).toBeGreaterThan(PASTES)
  expect(await commitsDuring(engine.content(handle))).toBeGreaterThanOrEqual(PASTES - 1)
})
