import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { AuditEvent } from '../../server/ports/audit.ts'
import type { StoredLink } from '../../server/ports/link-store.ts'
import { type FolderStore, openSqliteStore } from '../../server/store/sqlite-store.ts'
import { editDatabase } from './store-files.ts'

let folder: string
let store: FolderStore

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weft-audit-'))
  store = await openSqliteStore({ folder })
})

afterEach(async () => {
  await store.close()
  await rm(folder, { recursive: true })
})

const event = (part: Partial<AuditEvent> = {}): AuditEvent => ({
  action: 'access-granted',
  atMs: 1_000,
  document: 'plan',
  user: 'ann',
  name: 'Ann',
  address: '203.0.113.5',
  detail: { role: 'editor' },
  ...part,
})

/** Changes the rows behind the store's back, opens it again and lists what `verify` finds. */
async function problemsAfter(sql: string): Promise<readonly string[]> {
  await store.close()
  editDatabase(folder, (database) => database.exec(sql))
  store = await openSqliteStore({ folder })
  return (await store.verify()).problems.map(({ problem }) => problem)
}

describe('the audit log', () => {
  test('[AU1] keeps what it is given, in order, over a restart', async () => {
    await store.audit.append([event(), event({ user: 'bob', document: 'notes' })])
    await store.close()
    store = await openSqliteStore({ folder })
    await store.audit.append([event({ action: 'link-made', detail: { link: 'a', expiresAtMs: null } })])
    const entries = await store.audit.read({ limit: 10 })
    expect(entries.map(({ id, action, user }) => [id, action, user])).toEqual([
      [3, 'link-made', 'ann'],
      [2, 'access-granted', 'bob'],
      [1, 'access-granted', 'ann'],
    ])
    expect(entries[0]?.detail).toEqual({ link: 'a', expiresAtMs: null })
    expect(await store.verify()).toMatchObject({ auditEntries: 3, problems: [] })
  })

  test('[AU2] is read by document, by user and by time, the newest first, up to a number', async () => {
    await store.audit.append([
      event({ atMs: 1 }),
      event({ atMs: 2, document: 'notes' }),
      event({ atMs: 3, user: 'bob' }),
      event({ atMs: 4 }),
    ])
    const ids = async (query: object): Promise<number[]> =>
      (await store.audit.read({ limit: 10, ...query })).map(({ id }) => id)
    expect(await ids({ document: 'plan' })).toEqual([4, 3, 1])
    expect(await ids({ user: 'ann' })).toEqual([4, 2, 1])
    expect(await ids({ fromMs: 2, toMs: 3 })).toEqual([3, 2])
    expect(await ids({ limit: 1 })).toEqual([4])
    const latest = await store.audit.latestOfEachUser('plan', 'access-granted', 10)
    expect(latest.map(({ id, user }) => [id, user])).toEqual([
      [4, 'ann'],
      [3, 'bob'],
    ])
  })

  test.for([
    ['a changed one', "UPDATE audit SET user = 'eve' WHERE id = 3", ['audit entry 3 (access-granted) was changed']],
    [
      'a changed time',
      'UPDATE audit SET at_ms = at_ms + 1 WHERE id = 1',
      ['audit entry 1 (access-granted) was changed'],
    ],
    ...['action', 'document', 'name', 'address', 'detail'].map(
      (column) => [`a changed ${column}`, `UPDATE audit SET ${column} = 'x' WHERE id = 3`, ['audit entry 3']] as const,
    ),
    ['another last hash', "UPDATE audit_head SET hash = 'x'", ['the last audit entry, 5, is not']],
    ['a removed one', 'DELETE FROM audit WHERE id = 3', ['audit entry 3 is missing']],
    ['several removed', 'DELETE FROM audit WHERE id IN (2, 3)', ['audit entries 2–3 are missing']],
    ['a tail cut off', 'DELETE FROM audit WHERE id > 3', ['audit entries 4–5 are missing at the end']],
    ['everything removed', 'DELETE FROM audit', ['audit entries 1–5 are missing at the end']],
    [
      'two that changed places',
      'UPDATE audit SET id = 9 WHERE id = 2; UPDATE audit SET id = 2 WHERE id = 3; UPDATE audit SET id = 3 WHERE id = 9',
      ['audit entry 2', 'audit entry 3', 'audit entry 4'],
    ],
    [
      'one put in at the end',
      "INSERT INTO audit SELECT 6, at_ms, action, document, 'eve', name, address, detail, hash FROM audit WHERE id = 5",
      ['audit entry 6', 'the last audit entry, 6, is not'],
    ],
  ] as const)('[AU3] verify finds %s, and names it', async ([, sql, expected]) => {
    await store.audit.append([1, 2, 3, 4, 5].map((atMs) => event({ atMs })))
    expect(await problemsAfter(sql)).toEqual(expected.map((text) => expect.stringContaining(text)))
  })

  test('[AU4] a tail that is cut off together with the head row is not found: only a noted hash tells', async () => {
    await store.audit.append([event({ atMs: 1 }), event({ atMs: 2 })])
    const noted = (await store.audit.read({ limit: 1 }))[0]?.hash
    const hidden = 'DELETE FROM audit WHERE id = 2; UPDATE audit_head SET entries = 1, hash = (SELECT hash FROM audit)'
    expect(await problemsAfter(hidden)).toEqual([])
    expect((await store.audit.read({ limit: 10 })).map(({ hash }) => hash)).not.toContain(noted)
  })

  test('[AU5] a backup holds it, and is checked with it', async () => {
    await store.audit.append([event()])
    await store.backup(join(folder, 'copy.db'))
    await store.close()
    editDatabase(folder, (database) => database.exec("UPDATE audit SET user = 'eve'"))
    store = await openSqliteStore({ folder })
    await expect(store.backup(join(folder, 'bad.db'))).rejects.toMatchObject({
      code: 'storage-corrupt',
      message: expect.stringContaining('audit entry 1'),
    })
  })
})

describe('stored share links', () => {
  const link: StoredLink = {
    id: 'aaaabbbbcccc',
    document: 'plan',
    role: 'viewer',
    label: 'For the board',
    createdAtMs: 1,
    createdBy: 'Ann',
    expiresAtMs: null,
    revokedAtMs: null,
    secretHash: 'ab',
  }

  test('[LK1] are kept over a restart, changed in place, and listed by document while they are not revoked', async () => {
    await store.links.save(link)
    await store.links.save({ ...link, id: 'second', createdAtMs: 2 })
    await store.links.save({ ...link, id: 'elsewhere', document: 'notes' })
    await store.links.save({ ...link, role: 'editor', expiresAtMs: 9 })
    await store.close()
    store = await openSqliteStore({ folder })
    expect((await store.links.list('plan')).map(({ id, role }) => [id, role])).toEqual([
      ['second', 'viewer'],
      [link.id, 'editor'],
    ])
    await store.links.save({ ...link, revokedAtMs: 3 })
    expect((await store.links.list('plan')).map(({ id }) => id)).toEqual(['second'])
    expect(await store.links.find(link.id)).toEqual({ ...link, revokedAtMs: 3 })
    expect(await store.links.find('nobody')).toBeNull()
  })
})
