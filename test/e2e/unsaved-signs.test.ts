/** The clients' own signs that something is unsaved, over a store whose commits are held back. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { serveRooms } from '../support/held-server.ts'
import { families, type RemoteFamily, startFamily } from '../support/matrix.ts'
import { openRooms } from '../support/rooms.ts'

const withSigns = families.filter(
  ({ packageName }) => !packageName.endsWith('/websocket') && packageName !== 'y-websocket',
)

describe.each(withSigns)('$name', (family) => {
  let clients: RemoteFamily
  beforeAll(async () => {
    clients = await startFamily(family)
  }, 300_000)
  afterAll(() => clients.stop())

  const saved = (is: boolean): Promise<void> => eventually(async () => expect(await clients.isSaved('ann')).toBe(is))

  test('[CM4] says that all is saved only after the commit', async () => {
    const bench = await openRooms()
    await clients.open('ann', await serveRooms(bench), 'plan')
    await saved(true)
    for (const letter of ['a', 'b', 'c']) {
      await clients.insert('ann', 0, letter)
      await eventually(() => expect(bench.store.held.length).toBe(1))
      expect(await clients.isSaved('ann')).toBe(false)
      await bench.store.release()
      await saved(true)
    }
    await clients.close('ann')
  })

  test('[CM4] edits made offline count as unsaved until their commit, and so does what is typed meanwhile', async () => {
    const bench = await openRooms()
    await clients.open('ann', await serveRooms(bench), 'plan')
    await saved(true)
    await clients.cut('ann')
    for (const letter of ['a', 'b', 'c']) await clients.insert('ann', 0, letter)
    await clients.mend('ann')
    await eventually(() => expect(bench.store.held.length).toBe(1))
    expect(await clients.isSaved('ann')).toBe(false)
    // Typed while the offline edits are being written; it joins the next commit.
    await clients.insert('ann', 0, 'd')
    await bench.store.release()
    await eventually(() => expect(bench.store.held.length).toBe(1))
    expect(await clients.isSaved('ann')).toBe(false)
    await bench.store.release()
    await saved(true)
    await clients.close('ann')
  })
})
