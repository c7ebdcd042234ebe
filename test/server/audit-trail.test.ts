import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { AuditTrail } from '../../server/core/audit-trail.ts'
import type { AuditEvent, AuditStore, NewAuditEvent } from '../../server/ports/audit.ts'
import { quietLog } from '../support/quiet-log.ts'

const MINUTE_MS = 60_000

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function trail() {
  const written: AuditEvent[] = []
  let isFailing = false
  const store: Pick<AuditStore, 'append'> = {
    append: (events) =>
      isFailing ? Promise.reject(new Error('disk full')) : Promise.resolve(void written.push(...events)),
  }
  const fail = (is: boolean): void => {
    isFailing = is
  }
  return { written, fail, audit: new AuditTrail(store as AuditStore, quietLog()) }
}

const denied = (part: Partial<NewAuditEvent> = {}): NewAuditEvent => ({
  action: 'access-denied',
  document: 'plan',
  user: '',
  name: '',
  address: '203.0.113.5',
  detail: { code: 'token-invalid' },
  ...part,
})

describe('the audit trail', () => {
  test('[AU7] writes a refusal when it first happens, and once a minute how often it happened again', async () => {
    const { written, audit } = trail()
    for (let count = 0; count < 10_000; count++) audit.note(denied())
    await vi.advanceTimersByTimeAsync(1_000)
    expect(written).toMatchObject([{ detail: { code: 'token-invalid' } }])
    await vi.advanceTimersByTimeAsync(2 * MINUTE_MS)
    expect(written).toMatchObject([{}, { detail: { code: 'token-invalid', again: 9_999 } }])
    audit.note(denied())
    await vi.advanceTimersByTimeAsync(1_000)
    expect(written).toHaveLength(3)
    await audit.close()
  })

  test('[AU8] an attacker cannot fill the disk: of very many kinds of refusal only the number is written', async () => {
    const { written, audit } = trail()
    for (let kind = 0; kind < 5_000; kind++) audit.note(denied({ document: `guess-${kind}` }))
    await vi.advanceTimersByTimeAsync(2 * MINUTE_MS)
    expect(written.length).toBeLessThanOrEqual(21)
    expect(written.at(-1)).toMatchObject({ action: 'limit-reached', detail: { unlisted: 5_000 - 20 } })
    await audit.close()
  })

  test('[AU9] who is let in again and again is written once an hour', async () => {
    const { written, audit } = trail()
    const granted = denied({ action: 'access-granted', user: 'ann', detail: { role: 'editor' } })
    for (let minute = 0; minute < 61; minute++) {
      audit.note(granted)
      audit.note({ ...granted, user: 'bob' })
      await vi.advanceTimersByTimeAsync(MINUTE_MS)
    }
    expect(written.map(({ user }) => user)).toEqual(['ann', 'bob', 'ann', 'bob'])
    await audit.close()
  })

  test('[AU10] what could not be written is kept and written later; what is recorded by hand rejects', async () => {
    const { written, fail, audit } = trail()
    fail(true)
    audit.note(denied())
    await vi.advanceTimersByTimeAsync(1_000)
    await expect(audit.record(denied({ action: 'link-made' }))).rejects.toThrow('disk full')
    fail(false)
    audit.note(denied({ user: 'bob' }))
    await vi.advanceTimersByTimeAsync(1_000)
    expect(written).toMatchObject([{ user: '' }, { user: 'bob' }])
    await audit.close()
  })

  test('[AU11] closing writes what was noted', async () => {
    const { written, audit } = trail()
    audit.note(denied())
    audit.note(denied())
    await audit.close()
    expect(written).toMatchObject([{ detail: { code: 'token-invalid' } }, { detail: { again: 1 } }])
  })
})
