import { afterEach, expect, test, vi } from 'vitest'
import type { Authorizer, Grant } from '../../server/ports/authorizer.ts'
import { SyncError } from '../../shared/errors.ts'
import { accessBy, grantOf } from '../support/access.ts'
import { typed } from '../support/entered.ts'
import { eventually } from '../support/eventually.ts'
import { step1, step2, token, update } from '../support/hocuspocus.ts'
import { openRooms, type RoomsBench } from '../support/rooms.ts'
import { type SharedBench, shareConnection } from '../support/shared-bench.ts'

const [A = new Uint8Array(), B = new Uint8Array()] = typed('ab')

/** Waits until exactly these were said, in this order. */
async function hears({ said }: SharedBench, ...expected: readonly string[]): Promise<void> {
  const heard: string[] = []
  await eventually(() => {
    heard.push(...said())
    expect(heard).toEqual(expected)
  })
}

/** A connection whose tokens give what `grants` says; others are `token-invalid`. */
function connect(
  rooms: RoomsBench,
  grants: Readonly<Record<string, Partial<Grant>>>,
  connectionToken: string | null = null,
) {
  const authorizer: Authorizer = {
    requiresToken: true,
    authorize({ token: text }) {
      const grant = grants[text ?? '']
      return grant === undefined
        ? Promise.reject(new SyncError('token-invalid', 'No such token.'))
        : Promise.resolve(grantOf(grant))
    },
  }
  const access = accessBy(authorizer, { expiryGraceMs: 10_000 })
  return { access, ...shareConnection(rooms, { access, token: connectionToken }) }
}

afterEach(() => void vi.useRealTimers())

test('[HP17] a refused update gets status 0 and stays in the count; when it may be written after all, each gets its 1', async () => {
  const rooms = await openRooms()
  const grants: Record<string, Partial<Grant>> = { good: { role: 'viewer' } }
  const bench = connect(rooms, grants)
  bench.client.receive(token('plan', 'good'))
  bench.client.receive(step1('plan'))
  await hears(bench, 'plan: authenticated readonly', 'plan: step2 0 0', 'plan: step1 0')
  bench.client.receive(step2('plan'))
  expect(bench.said()).toEqual(['plan: status 1'])
  bench.client.receive(update('plan', A))
  bench.client.receive(update('plan', B))
  expect(bench.said()).toEqual(['plan: status 0', 'plan: status 0'])
  grants['good'] = { role: 'editor' }
  bench.access.recheck({})
  await hears(bench, 'plan: authenticated read-write', 'plan: step1 0')
  bench.client.receive(step2('plan', A))
  bench.client.receive(update('plan', B))
  expect(bench.said()).toEqual([])
  const heard: string[] = []
  for (let updates = 0; updates < 2;) {
    await rooms.store.release()
    await eventually(() => {
      heard.push(...bench.said())
      expect(heard.filter((message) => message.includes('update')).length).toBeGreaterThan(updates)
    })
    updates = heard.filter((message) => message.includes('update')).length
  }
  const shown = [A, B].map((bytes) => `plan: update ${bytes.join(' ')}`)
  expect(heard.toSorted()).toEqual(['plan: status 1', 'plan: status 1', 'plan: status 1', ...shown].toSorted())
})

test('[HP18] at 80 % of its token’s life a provider is asked for another, which is taken in place', async () => {
  const nowMs = Date.parse('2026-05-01T10:00:00Z')
  vi.useFakeTimers({ now: nowMs, toFake: ['Date', 'setTimeout', 'clearTimeout'] })
  const first = { expiresAtMs: nowMs + 600_000 }
  const bench = connect(await openRooms(), { first, fresh: { expiresAtMs: nowMs + 1_200_000 } })
  bench.client.receive(token('plan', 'first'))
  await hears(bench, 'plan: authenticated read-write')
  vi.setSystemTime(nowMs)
  vi.advanceTimersByTime(480_000)
  expect(bench.said()).toEqual(['plan: token please'])
  bench.client.receive(token('plan', 'forged'))
  bench.client.receive(token('plan', 'fresh'))
  await hears(bench, 'plan: authenticated read-write')
  vi.advanceTimersByTime(200_000)
  expect([bench.said(), bench.connection.closed]).toEqual([[], null])
})

test('[HP18] from its end on the document is read-only, and the connection closes when no other came', async () => {
  const nowMs = Date.parse('2026-05-01T10:00:00Z')
  vi.useFakeTimers({ now: nowMs, toFake: ['Date', 'setTimeout', 'clearTimeout'] })
  const bench = connect(await openRooms(), { first: { expiresAtMs: nowMs + 1_000 } })
  bench.client.receive(token('plan', 'first'))
  await hears(bench, 'plan: authenticated read-write')
  vi.advanceTimersByTime(nowMs + 1_000 - Date.now())
  expect(bench.said()).toEqual(['plan: authenticated readonly', 'plan: token please'])
  bench.client.receive(update('plan', A))
  expect(bench.said()).toEqual(['plan: status 0'])
  vi.advanceTimersByTime(10_000)
  expect(bench.connection.closed).toEqual({ code: 4501, reason: 'token-expired' })
})

test('[HP18] revoking access denies the document; the connection and its other documents go on', async () => {
  const bench = connect(await openRooms(), { one: { tokenId: 'one' }, two: { tokenId: 'two' } })
  bench.client.receive(token('plan', 'one'))
  bench.client.receive(token('notes', 'two'))
  await eventually(() => expect(bench.said()).not.toEqual([]))
  await bench.access.revoke({ kind: 'token', id: 'one' })
  const said = bench.said().filter((message) => !message.includes('authenticated'))
  expect([said, bench.connection.closed]).toEqual([['plan: denied access-revoked'], null])
  bench.client.receive(update('plan', A))
  expect(bench.said()).toEqual([])
})

test('[HP19] a provider without a token has the one its connection came with', async () => {
  const bench = connect(await openRooms(), { header: { role: 'viewer' }, own: {} }, 'header')
  bench.client.receive(token('plan', ''))
  await hears(bench, 'plan: authenticated readonly')
  bench.client.receive(token('notes', 'own'))
  await hears(bench, 'notes: authenticated read-write')
})
