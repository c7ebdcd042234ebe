/** What every published client does when it may not do everything, or not for ever: cells of the compatibility table. */
import { expect } from 'vitest'
import type { Permission } from '../../server/ports/authorize-function.ts'
import { stockClient } from './clients.ts'
import { eventually, until } from './eventually.ts'
import type { RemoteFamily } from './matrix.ts'
import { runServer } from './running-server.ts'
import { mint, tokenOptions } from './tokens.ts'

/** An editor's plain client, to write for and to look over its shoulder. */
async function colleague(wsUrl: string): Promise<ReturnType<typeof stockClient>> {
  const other = stockClient('3.1.0', wsUrl, 'plan', { params: { token: await mint({ user: 'ben', name: 'Ben' }) } })
  await until(() => other.provider.synced)
  return other
}

export const accessCells = {
  async 'read-only'(clients: RemoteFamily): Promise<void> {
    const { url, wsUrl } = await runServer(tokenOptions)
    const other = await colleague(wsUrl)
    other.text.insert(0, 'read')
    await clients.open('reader', url, 'plan', { token: await mint({ role: 'viewer' }) })
    await eventually(async () => expect(await clients.text('reader')).toBe('read'))
    await clients.insert('reader', 0, 'mine ')
    other.text.insert(4, ' on')
    // Its own is on its screen, and what others type goes on arriving.
    await eventually(async () => expect(await clients.text('reader')).toBe('mine read on'))
    expect(await clients.isSaved('reader')).not.toBe(true)
    expect(other.text.toJSON()).toBe('read on')
    await clients.close('reader')
  },

  async denied(clients: RemoteFamily): Promise<void> {
    const { url, wsUrl } = await runServer(tokenOptions)
    const other = await colleague(wsUrl)
    other.text.insert(0, 'secret')
    await clients.open('stranger', url, 'plan', { token: await mint({ user: 'eve', document: 'notes' }) })
    await eventually(async () => expect(await clients.denials('stranger')).toBeGreaterThan(0))
    await clients.insert('stranger', 0, 'let me in')
    expect(await clients.isSynced('stranger')).toBe(false)
    expect(await clients.text('stranger')).toBe('let me in')
    expect(other.text.toJSON()).toBe('secret')
    await clients.close('stranger')
  },

  async 'token refresh'(clients: RemoteFamily): Promise<void> {
    const { url, wsUrl } = await runServer({ ...tokenOptions, expiryGraceMs: 200 })
    const other = await colleague(wsUrl)
    const endMs = Date.now() + 3_000
    await clients.open('writer', url, 'plan', { token: await mint({ lifeMs: 3_000 }) })
    await eventually(async () => expect(await clients.isSynced('writer')).toBe(true))
    await clients.setToken('writer', await mint())
    let typed = 0
    await eventually(async () => {
      await clients.insert('writer', typed++, 'x')
      expect(Date.now()).toBeGreaterThan(endMs + 500)
    })
    await until(() => other.text.toJSON() === 'x'.repeat(typed))
    await eventually(async () => expect(await clients.isSaved('writer')).not.toBe(false))
    await clients.close('writer')
  },

  async 'role change'(clients: RemoteFamily): Promise<void> {
    let role: Permission['role'] = 'editor'
    const { url, wsUrl, recheck } = await runServer(
      {},
      {
        authorize: ({ token }) =>
          token === 'ann' ? { user: { id: 'ann' }, role } : { user: { id: 'ben' }, role: 'owner' },
      },
    )
    const other = await colleague(wsUrl)
    await clients.open('writer', url, 'plan', { token: 'ann' })
    await eventually(async () => expect(await clients.isSynced('writer')).toBe(true))
    await clients.insert('writer', 0, 'before ')
    await until(() => other.text.toJSON() === 'before ')
    role = 'viewer'
    recheck({ user: 'ann' })
    await clients.insert('writer', 7, 'between ')
    other.text.insert(0, 'they: ')
    await eventually(async () => expect(await clients.text('writer')).toBe('they: before between '))
    expect(other.text.toJSON()).toBe('they: before ')
    role = 'editor'
    recheck({ user: 'ann' })
    await until(() => other.text.toJSON() === 'they: before between ')
    await clients.insert('writer', 21, 'after')
    await until(() => other.text.toJSON() === 'they: before between after')
    await eventually(async () => expect(await clients.isSaved('writer')).not.toBe(false))
    await clients.close('writer')
  },
}
