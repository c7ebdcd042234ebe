import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { openWorkshop } from '../../server/app.ts'
import { parseMoment } from '../../server/cli/restore.ts'
import { defaultOptions } from '../../server/config.ts'
import { parseDocumentId } from '../../shared/ids.ts'
import type { TimelineEntry } from '../../shared/rest.ts'
import { quietLog } from '../support/quiet-log.ts'
import { runServer } from '../support/running-server.ts'
import { tokenOptions } from '../support/tokens.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { weft } from '../support/weft.ts'
import { editDatabase, killedStore } from './store-files.ts'

/** A folder with document "plan", whose text was "good" at seq 1 and is "bad" at seq 3; no server runs on it. */
async function vandalised(): Promise<string> {
  const data = await temporaryFolder()
  const workshop = await openWorkshop({ ...defaultOptions, data }, quietLog())
  const doc = new Y.Doc()
  const text = doc.getText('body')
  const updates: Uint8Array[] = []
  doc.on('update', (bytes: Uint8Array) => updates.push(bytes))
  text.insert(0, 'good')
  text.delete(0, 4)
  text.insert(0, 'bad')
  for (const bytes of updates) {
    await workshop.rooms.write(parseDocumentId('plan'), bytes, { user: 'ann', name: 'Ann' })
  }
  await workshop.close()
  return data
}

describe('operators work on a folder that no server holds', () => {
  test('[OC1] history shows who changed a document and when, newest first', async () => {
    const data = await vandalised()
    expect((await weft('history', 'plan', '--data', data)).out).toMatch(
      /^\S+Z {2}seq 1–3 {2}Ann {2}3 changes, \d+ bytes\n$/,
    )
    const { out } = await weft('history', 'plan', '--data', data, '--json')
    expect((JSON.parse(out) as TimelineEntry[])[0]).toMatchObject({ fromSeq: 1, toSeq: 3, name: 'Ann', updates: 3 })
  })

  test('[OC2] restore adds an edit that brings a moment back; a dry run only tells', async () => {
    const data = await vandalised()
    expect((await weft('restore', 'plan', '--at', '1', '--dry-run', '--data', data)).out).toMatch(
      /^Would restore seq 1/,
    )
    expect((await weft('restore', 'plan', '--at', '1', '--data', data)).out).toMatch(
      /^Restored seq 1 as seq 4: \d+ bytes in body/,
    )
    expect((await weft('restore', 'plan', '--at', '1', '--data', data)).out).toMatch(/nothing to restore/)
    expect((await weft('history', 'plan', '--data', data)).out).toMatch(/^\S+Z {2}seq 4 {2}Restore/)
  })

  test('[OC3] verify finds a whole store whole', async () => {
    const { code, out } = await weft('verify', '--data', await vandalised())
    expect([code, out]).toEqual([
      0,
      expect.stringMatching(/^1 documents, 3 updates, \d+ bytes, 0 audit entries, 0 problems\.\n$/),
    ])
  })

  test('[OC7] audit shows what operators did, and verify names an entry that somebody changed', async () => {
    const data = await vandalised()
    await weft('restore', 'plan', '--at', '1', '--by', 'Eve\u001b[31m', '--data', data)
    const { out } = await weft('audit', '--document', 'plan', '--data', data)
    expect(out).toMatch(
      /^1 {2}\S+Z {2}document-restored {2}"plan" {2}"Eve\\u001b\[31m \(restore\)" {2}- {2}restoredSeq=1 /,
    )
    const { out: none } = await weft('audit', '--until', '2020-01-01', '--json', '--data', data)
    expect(JSON.parse(none)).toEqual([])
    editDatabase(data, (database) => database.exec("UPDATE audit SET user = 'ann'"))
    const { code, error } = await weft('verify', '--data', data)
    expect([code, error]).toEqual([1, expect.stringContaining('Store: audit entry 1 (document-restored) was changed')])
  })

  test('[OC9] verify of a folder that cannot be opened says why, and what its documents are like', async () => {
    const data = join(await temporaryFolder(), 'data')
    await killedStore(data, 20)
    const wal = join(data, 'weft.db-wal')
    const bytes = await readFile(wal)
    await writeFile(wal, bytes.fill(0xa5, bytes.length - 8_000, bytes.length - 7_900))
    const { code, out, error } = await weft('verify', '--data', data)
    expect([code, error]).toEqual([
      1,
      expect.stringMatching(/^Store: .*weft\.db-wal is damaged at byte .* truncate -s/),
    ])
    expect(out).toMatch(/^[1-9]\d* documents, [1-9]\d* updates, .* 1 problems\.\n$/)
  })

  test('[OC4] what fails is a sentence with a code, and exit code 1', async () => {
    const data = await vandalised()
    for (const [args, code] of [
      [['history', 'nothing', '--data', data], 'not-found'],
      [['restore', 'plan', '--at', '9', '--data', data], 'invalid-moment'],
      [['restore', 'plan', '--at', 'yesterday', '--data', data], 'invalid-moment'],
      [['verify', '--data', join(data, 'nowhere')], 'not-found'],
      [['serve', '--host', '0.0.0.0', '--data', data], 'invalid-request'],
    ] as const) {
      const outcome = await weft(...args)
      expect(outcome.code, args.join(' ')).toBe(1)
      expect(outcome.error).toMatch(new RegExp(`^weft: .*\\(${code}\\)\\n$`))
    }
  })
})

describe('operators work through the server that holds the folder', () => {
  test('[OC5] history, restore, backup and verify do the same', async () => {
    const { data, url, wsUrl } = await runServer()
    expect(wsUrl).toContain('/ws')
    expect((await weft('history', 'plan', '--data', data)).error).toContain('not-found')
    const file = join(await temporaryFolder(), 'copy.db')
    expect((await weft('backup', file, '--data', data)).out).toMatch(/^Backed up \d+ bytes/)
    expect((await weft('backup', file, '--data', data)).code).toBe(1)
    expect((await weft('verify', '--data', data)).out).toMatch(/^0 documents/)
    expect((await fetch(`${url}/healthz`)).ok).toBe(true)
  })

  test('[OC8] access control does not keep an operator out', async () => {
    const data = await vandalised()
    await runServer({ ...tokenOptions, data })
    expect((await weft('history', 'plan', '--data', data)).out).toMatch(/seq 1–3 {2}Ann/)
    expect((await weft('restore', 'plan', '--at', '1', '--data', data)).out).toMatch(/^Restored seq 1 as seq 4/)
  })
})

test('[OC6] a moment is a seq when it is all digits, else a date and time', () => {
  expect(parseMoment('42')).toEqual({ seq: 42 })
  expect(parseMoment('2026-05-01T10:00:00Z')).toEqual({ timeMs: Date.UTC(2026, 4, 1, 10) })
  expect(() => parseMoment('soon')).toThrow(expect.objectContaining({ code: 'invalid-moment' }))
})
