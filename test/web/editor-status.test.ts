/** The status line never claims more than the client's state holds. */
import { describe, expect, test } from 'vitest'
import { CloseCode } from '../../shared/close-codes.ts'
import type { ClientState, ConnectionState } from '../../web/client/types.ts'
import { describeFailure, describeStatus, describeTrouble } from '../../web/editor/status.ts'

const LIVE: ConnectionState = { name: 'live' }
const WAITING: ConnectionState = { name: 'waiting', retryAtMs: 13_000, attempt: 2 }
const SAFE: ClientState = {
  connection: LIVE,
  synced: true,
  ready: true,
  unsaved: 0,
  keptOnDevice: true,
  storageTrouble: null,
}
const HERE = { nowMs: 10_000, isOnline: true, mode: 'edit' } as const

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
    expect(describeTrouble({ ...SAFE, unsaved: 2, synced: false }, true)).toBeNull()
  })

  test('[ED6] promises a copy on the device only where there is one', () => {
    const away = { ...SAFE, connection: WAITING, unsaved: 2 }
    expect(describeTrouble(away, false)?.words).toContain('kept on this device')
    expect(describeTrouble({ ...away, keptOnDevice: false }, false)?.words).toBe(
      'Keep this page open: 2 changes not saved yet.',
    )
  })
})

describe('what stands in for the text', () => {
  test('[ED7] a document that has a text to show is never replaced by a failure', () => {
    expect(describeFailure({ ...SAFE, connection: WAITING }, false)).toBeNull()
  })

  test('[ED8] a first load shows no failure while it connects, and says what failed after', () => {
    const empty = { ...SAFE, ready: false, synced: false }
    expect(describeFailure({ ...empty, connection: { name: 'connecting' } }, true)).toBeNull()
    expect(describeFailure({ ...empty, connection: WAITING }, true)?.title).toBe('The server can’t be reached')
    expect(describeFailure({ ...empty, connection: WAITING }, false)?.title).toBe('You’re offline')
    const refused: ConnectionState = { name: 'stopped', code: 4499, reason: 'it was deleted' }
    expect(describeFailure({ ...empty, connection: refused }, true)?.words).toBe('It was deleted.')
  })
})
