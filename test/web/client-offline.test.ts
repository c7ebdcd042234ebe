import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import * as Y from 'yjs'
import { bench, contentOf, frames, handshake, settle, textOf, type, updateIn } from './client-fakes.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('the copy on the device', () => {
  test('[CL70] is loaded before the connection is made, and its content is no change', async () => {
    const it = await bench({}, { hasCopy: true })
    expect(it.sockets).toHaveLength(0)
    await it.copy().load({ content: contentOf('kept'), wasSynced: true })
    expect(it.sockets).toHaveLength(1)
    expect(it.client.state).toMatchObject({ ready: true, synced: false, unsaved: 0, keptOnDevice: true })
    expect(it.client.doc.getText('content').toJSON()).toBe('kept')
    await it.client.whenReady
    it.client.destroy()
  })

  test('[CL71] has its own database for each server and document', async () => {
    const names = new Set<string>()
    for (const server of ['http://a.test', 'http://b.test', 'http://a.test/b']) {
      for (const document of ['plan', 'b/ws/plan']) {
        const it = await bench({ server, document }, { hasCopy: true })
        names.add(it.copy().name)
        it.client.destroy()
      }
    }
    expect(names).toContain('weft ws://a.test/ws/plan')
    expect(names.size).toBe(6)
  })

  test('[CL72] that was never in step with the server makes nothing ready', async () => {
    const it = await bench({}, { hasCopy: true })
    await it.copy().load({ content: contentOf('half'), wasSynced: false })
    expect(it.client.state.ready).toBe(false)
    handshake(it)
    expect(it.client.state.ready).toBe(true)
    expect(it.copy().marks).toContain('synced')
    it.client.destroy()
  })

  test('[CL73] remembers over a reload that changes are unsaved, and the first answer saves them', async () => {
    const it = await bench({}, { hasCopy: true })
    await it.copy().load({ content: contentOf('typed offline'), wasSynced: true, unsavedBefore: 3 })
    expect(it.client.unsaved).toBe(3)
    const socket = handshake(it)
    expect(textOf(updateIn(socket.counted[0]))).toBe('typed offline')
    expect(it.client.unsaved).toBe(3)
    socket.receive(frames.saved(1))
    expect(it.client.unsaved).toBe(0)
    expect(it.copy().marks).toEqual([3, 'synced', 0])
    it.client.destroy()
  })

  test('[CL74] is told of every change of the count', async () => {
    const it = await bench({}, { hasCopy: true })
    await it.copy().load({ wasSynced: true })
    type(it.client.doc, 'a')
    type(it.client.doc, 'b')
    expect(it.copy().marks).toEqual([1, 2])
    it.client.destroy()
    expect(it.copy().isClosed).toBe(true)
  })

  test('[CL75] that does not load is not waited for longer than 3 s', async () => {
    const it = await bench({}, { hasCopy: true })
    await vi.advanceTimersByTimeAsync(3_000)
    const socket = handshake(it)
    expect(it.client.state).toMatchObject({ synced: true, ready: true, keptOnDevice: false })
    await it.copy().load({ content: contentOf('late'), unsavedBefore: 2 })
    expect(textOf(updateIn(socket.counted[1]))).toBe('late')
    expect(it.client.state).toMatchObject({ unsaved: 1, keptOnDevice: true })
    socket.receive(frames.saved(2))
    expect(it.client.unsaved).toBe(0)
    it.client.destroy()
  })

  test('[CL76] brings in what another tab stored; it counts until the server has it', async () => {
    const it = await bench({}, { hasCopy: true })
    await it.copy().load({ wasSynced: true })
    const socket = handshake(it)
    it.copy().apply(contentOf('from the other tab'))
    expect(it.client.unsaved).toBe(1)
    socket.receive(frames.saved(2))
    expect(it.client.unsaved).toBe(0)
    it.client.destroy()
  })

  test('[CL77] that can keep no more says so', async () => {
    const it = await bench({}, { hasCopy: true })
    await it.copy().load()
    it.copy().setKept(false)
    expect(it.client.state.keptOnDevice).toBe(false)
    it.client.destroy()
  })

  test('[CL78] is not made where `offline` is false, and missed nowhere', async () => {
    const off = await bench({ offline: false }, { hasCopy: true })
    expect(off.copies).toHaveLength(0)
    handshake(off)
    expect(off.client.state).toMatchObject({ ready: true, keptOnDevice: false })
    off.client.destroy()
  })

  test('[CL79] is not connected for when the client is destroyed or told to wait while it loads', async () => {
    const gone = await bench({}, { hasCopy: true })
    gone.client.destroy()
    await gone.copy().load()
    expect(gone.sockets).toHaveLength(0)
    const waiting = await bench({}, { hasCopy: true })
    waiting.client.disconnect()
    await waiting.copy().load()
    expect(waiting.sockets).toHaveLength(0)
    waiting.client.connect()
    await settle()
    expect(waiting.sockets).toHaveLength(1)
    waiting.client.destroy()
  })
})

test('[CL81] a change is never said to be kept before the copy has it', async () => {
  const it = await bench({}, { hasCopy: true })
  await it.copy().load({ wasSynced: true })
  it.copy().isSlow = true
  const said: [number, boolean][] = []
  it.client.on('state', ({ unsaved, keptOnDevice }) => said.push([unsaved, keptOnDevice]))
  type(it.client.doc, 'a')
  it.copy().setKept(true)
  expect(said).toEqual([
    [1, false],
    [1, true],
  ])
  it.client.destroy()
})

test('[CL80] changes made while the copy loads are counted and delivered', async () => {
  const it = await bench({}, { hasCopy: true })
  type(it.client.doc, 'early')
  await it.copy().load({ unsavedBefore: 2 })
  expect(it.client.unsaved).toBe(3)
  const server = new Y.Doc()
  const socket = handshake(it, server)
  expect(textOf(updateIn(socket.counted[0]))).toBe('early')
  socket.receive(frames.saved(1))
  expect(it.client.unsaved).toBe(0)
  it.client.destroy()
})

test('[CL81] nobody is told that all is saved while what is unsaved in the copy has not been counted', async () => {
  const it = await bench({}, { hasCopy: true })
  const told: number[] = []
  it.client.on('state', ({ ready, unsaved }) => ready && told.push(unsaved))
  await it.copy().load({ content: contentOf('typed offline'), wasSynced: true, unsavedBefore: 3 })
  expect(told).toEqual([3])
  it.client.destroy()
})
