/** The status line never claims more than the client's state holds. */
import { describe, expect, test } from 'vitest'
import { CloseCode } from '../../shared/close-codes.ts'
import type { ClientState, ConnectionState } from '../../web/client/types.ts'
import { describeFailure, describeTrouble } from '../../web/editor/notices.ts'
import { describeStatus } from '../../web/editor/status.ts'
import { SteadyState } from '../../web/editor/steady-state.ts'

const LIVE: ConnectionState = { name: 'live' }
const WAITING: ConnectionState = { name: 'waiting', retryAtMs: 13_000, attempt: 2, code: 1006, reason: '' }
const SAFE: ClientState = {
  connection: LIVE,
  synced: true,
  ready: true,
  access: null,
  writable: true,
  unsaved: 0,
  keptOnDevice: true,
  isFull: false,
  storageTrouble: null,
}
const HERE = { nowMs: 10_000, isOnline: true, mode: 'edit', canAsk: true } as const
const OFFLINE = { ...HERE, isOnline: false }
const VIEWER: Partial<ClientState> = { writable: false, access: { role: 'viewer', expiresAtMs: null, why: 'joined' } }

function wordsFor(change: Partial<ClientState>, here: Partial<typeof HERE> | { isOnline: false } = {}): string {
  return describeStatus({ ...SAFE, ...change }, { ...HERE, ...here }).words
}

describe('the status line', () => {
  test('[ED1] says saved only for a live, synced connection with nothing unsaved', () => {
    const connections: ConnectionState[] = [
      LIVE,
      WAITING,
      { name: 'connecting' },
      { name: 'stopped', code: CloseCode.unavailable, reason: '' },
    ]
    const claims: string[] = []
    for (const connection of connections) {
      for (const synced of [true, false]) {
        for (const unsaved of [0, 1]) {
          for (const keptOnDevice of [true, false]) {
            const { words, tone } = describeStatus({ ...SAFE, connection, synced, unsaved, keptOnDevice }, HERE)
            if (words.includes('saved') && !words.includes('not saved')) claims.push(words)
            else expect(tone).not.toBe('good')
            if (connection.name === 'live' && synced && unsaved === 0) expect(words).toBe('All changes saved')
          }
        }
      }
    }
    expect(claims).toEqual(['All changes saved', 'All changes saved'])
  })

  test.each<[string, Partial<ClientState>]>([
    ['Saving…', { unsaved: 3 }],
    ['The server’s disk is full: 3 changes kept on this device', { unsaved: 3, storageTrouble: 'storage-full' }],
    ['The server can’t write: 1 change kept on this device', { unsaved: 1, storageTrouble: 'storage-failed' }],
    ['This document is full: 3 changes kept on this device', { unsaved: 3, isFull: true }],
    ['Syncing…', { synced: false }],
    ['Connecting…', { connection: { name: 'connecting' } }],
    ['Connecting: 1 change kept on this device', { connection: { name: 'connecting' }, unsaved: 1 }],
    ['Reconnecting in 3 s', { connection: WAITING }],
    ['Offline: 12 changes kept on this device', { connection: WAITING, unsaved: 12 }],
    ['Offline: 12 changes not saved yet', { connection: WAITING, unsaved: 12, keptOnDevice: false }],
    ['Not found', { connection: { name: 'stopped', code: CloseCode.invalidDocument, reason: '' } }],
    ['Disconnected', { connection: { name: 'stopped', code: 4499, reason: 'Gone.' } }],
  ])('[ED2] says “%s” when that is so', (words, change) => {
    expect(wordsFor(change)).toBe(words)
  })

  test('[ED3] calls a certain lack of network offline, and never counts down below one second', () => {
    expect(wordsFor({ connection: WAITING }, { isOnline: false })).toBe('Offline')
    expect(describeStatus({ ...SAFE, connection: WAITING }, { ...HERE, nowMs: 20_000 }).words).toBe(
      'Reconnecting in 1 s',
    )
  })

  test('[ED4] a reader is told so instead of being told that nothing is unsaved', () => {
    expect(describeStatus(SAFE, { ...HERE, mode: 'view' }).words).toBe('View only')
  })
})

describe('the banner', () => {
  test('[ED5] is absent while the connection is live', () => {
    expect(describeTrouble({ ...SAFE, unsaved: 2, synced: false }, HERE)).toBeNull()
  })

  test('[ED61] says that the document is full, what helps, and where the changes are', () => {
    const full = { ...SAFE, unsaved: 2, isFull: true }
    expect(describeTrouble(full, HERE)).toMatchObject({
      title: 'This document is full.',
      words: 'Nothing more is saved until something is deleted from it: 2 changes kept on this device.',
    })
    expect(describeTrouble({ ...full, keptOnDevice: false }, HERE)?.words).toContain('Keep this page open.')
  })

  test('[ED6] promises a copy on the device only where there is one', () => {
    const away = { ...SAFE, connection: WAITING, unsaved: 2 }
    expect(describeTrouble(away, OFFLINE)?.words).toContain('kept on this device')
    expect(describeTrouble({ ...away, keptOnDevice: false }, OFFLINE)?.words).toBe(
      'Keep this page open: 2 changes not saved yet.',
    )
  })
})

describe('changes on their way to the device', () => {
  const away = { ...SAFE, connection: WAITING, unsaved: 2 }
  const onTheWay = { ...away, unsaved: 3, keptOnDevice: false }
  const told = (steady: SteadyState, nowMs: number): string => describeStatus(steady.at(nowMs), HERE).words

  test('[ED57] are not counted among those that are kept, until they are', () => {
    const steady = new SteadyState(away, 0)
    steady.take(onTheWay, 100)
    expect(told(steady, 100)).toBe('Offline: 2 changes kept on this device')
    steady.take({ ...onTheWay, keptOnDevice: true }, 120)
    expect(told(steady, 120)).toBe('Offline: 3 changes kept on this device')
  })

  test('[ED58] are told as not saved when they do not get there, however fast somebody types', () => {
    const steady = new SteadyState(away, 0)
    for (let nowMs = 100; nowMs <= 400; nowMs += 50) steady.take({ ...onTheWay, unsaved: nowMs }, nowMs)
    expect(told(steady, 399)).toBe('Offline: 2 changes kept on this device')
    expect(told(steady, 400)).toBe('Offline: 400 changes not saved yet')
  })

  test('[ED59] are unsaved at once on a live connection', () => {
    const steady = new SteadyState(SAFE, 0)
    steady.take({ ...SAFE, unsaved: 1, keptOnDevice: false }, 100)
    expect(told(steady, 100)).toBe('Saving…')
  })

  test('[ED60] are not saved where nothing was ever kept', () => {
    const steady = new SteadyState({ ...away, keptOnDevice: false }, 100)
    expect(told(steady, 100)).toBe('Offline: 2 changes not saved yet')
  })
})

describe('what stands in for the text', () => {
  test('[ED7] a document that has a text to show is never replaced by a failure', () => {
    expect(describeFailure({ ...SAFE, connection: WAITING }, OFFLINE)).toBeNull()
  })

  test('[ED8] a first load shows no failure while it connects, and says what failed after', () => {
    const empty = { ...SAFE, ready: false, synced: false }
    expect(describeFailure({ ...empty, connection: { name: 'connecting' } }, HERE)).toBeNull()
    expect(describeFailure({ ...empty, connection: WAITING }, HERE)?.title).toBe('The server can’t be reached')
    expect(describeFailure({ ...empty, connection: WAITING }, OFFLINE)?.title).toBe('You’re offline')
    const refused: ConnectionState = { name: 'stopped', code: 4499, reason: 'it was deleted' }
    expect(describeFailure({ ...empty, connection: refused }, HERE)?.words).toBe('It was deleted.')
  })
})

describe('what somebody may do', () => {
  const stopped = (code: number, reason: string): Partial<ClientState> => ({
    connection: { name: 'stopped', code, reason },
    writable: false,
    synced: false,
  })

  test('[ED50] edits that were not taken are where the status says, and the banner says when they go out', () => {
    const state = { ...SAFE, ...VIEWER, unsaved: 12 }
    expect(wordsFor(state)).toBe('View only: 12 changes kept on this device')
    expect(describeTrouble(state, HERE)).toMatchObject({
      tone: 'warning',
      words: '12 changes kept on this device, to be sent when you may edit again.',
    })
    expect(describeTrouble({ ...state, keptOnDevice: false }, HERE)?.words).toContain('keep this page open')
  })

  test('[ED51] a viewer is told so calmly, and offered to ask only where somebody listens', () => {
    expect(describeTrouble({ ...SAFE, ...VIEWER }, HERE)).toMatchObject({
      tone: 'calm',
      title: 'View only.',
      action: { does: 'ask-access' },
    })
    expect(describeTrouble({ ...SAFE, ...VIEWER }, { ...HERE, canAsk: false })?.action).toBeNull()
    expect(describeTrouble({ ...SAFE, ...VIEWER }, { ...HERE, mode: 'view' })).toBeNull()
    const downgraded = { ...VIEWER, access: { role: 'viewer', expiresAtMs: null, why: 'changed' } } as const
    expect(describeTrouble({ ...SAFE, ...downgraded }, HERE)?.title).toBe('You can only view this document now.')
  })

  test('[ED56] a document that nobody may change is no matter of rights to ask for', () => {
    const access = { role: 'viewer', expiresAtMs: null, why: 'quarantined' } as const
    const notice = describeTrouble({ ...SAFE, writable: false, access }, HERE)
    expect(notice).toMatchObject({ tone: 'warning', action: null })
    expect(notice?.words).toContain('until it is repaired')
  })

  test('[ED52] a token that ran out is said at once, with where the changes are', () => {
    const expired = { ...SAFE, access: { role: 'editor', expiresAtMs: 1, why: 'expired' }, unsaved: 1 } as const
    expect(wordsFor(expired)).toBe('Your access has run out: 1 change kept on this device')
    expect(describeTrouble(expired, HERE)?.title).toBe('Your access has run out.')
  })

  test.each([
    [4401, 'token-missing', 'You don’t have access', 'ask-access'],
    [4401, 'token-invalid', 'This link doesn’t work', 'ask-access'],
    [4403, 'permission-denied', 'You don’t have access', 'ask-access'],
    [4403, 'access-revoked', 'Your access was withdrawn', 'ask-access'],
    [4404, 'invalid-document-id', 'Not found', undefined],
    [4400, 'malformed-frame', 'Too old to edit', 'reload'],
    [4400, 'update-too-costly', 'Too much at once', 'reconnect'],
  ])('[ED53] %i %s is said as “%s”, above a text and instead of one', (code, reason, title, does) => {
    const state = { ...SAFE, ...stopped(code, reason) }
    expect(describeTrouble(state, HERE)).toMatchObject({ title: `${title}.` })
    const failure = describeFailure({ ...state, ready: false }, HERE)
    expect(failure).toMatchObject({ title })
    expect(failure?.action?.does).toBe(does)
    expect(wordsFor({ ...state, unsaved: 2 })).toBe(`${title}: 2 changes kept on this device`)
  })

  test('[ED54] where nobody can be asked, one can at least try again', () => {
    const state = { ...SAFE, ready: false, ...stopped(4403, 'permission-denied') }
    expect(describeFailure(state, { ...HERE, canAsk: false })?.action).toEqual({
      label: 'Try again',
      does: 'reconnect',
    })
  })

  test.each([
    [1013, 'overloaded', 'The server is busy'],
    [4501, 'token-expired', 'Your access has run out'],
    [4533, 'too-many-connections-of-document', 'Too many people are in this document'],
    [null, 'no-token', 'Signing in fails'],
  ])('[ED55] a refusal for now (%s %s) is said, and when it is tried again', (code, reason, words) => {
    const connection: ConnectionState = { name: 'waiting', retryAtMs: 13_000, attempt: 3, code, reason }
    const status = describeStatus({ ...SAFE, connection }, HERE)
    expect(status).toMatchObject({ words, detail: 'Trying again in 3 s.', tone: 'warning' })
    expect(describeTrouble({ ...SAFE, connection }, HERE)?.title).toBe(`${words}.`)
  })
})
