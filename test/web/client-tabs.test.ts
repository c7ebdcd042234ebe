import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import * as Y from 'yjs'
import { bench, frames, handshake, settle, textOf, type, updateIn } from './client-fakes.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** Clients of one test share the channel of their document, as tabs do; each test has its own document. */
async function tab(document: string) {
  return bench({ document }, { hasTabs: true })
}

describe('two tabs of one document', () => {
  test('[CL60] without a server they hear each other', async () => {
    const [left, right] = [await tab('CL60'), await tab('CL60')]
    left.socket().drop()
    right.socket().drop()
    type(left.client.doc, 'hello')
    await settle()
    expect(right.client.doc.getText('content').toJSON()).toBe('hello')
    left.client.destroy()
    right.client.destroy()
  })

  test('[CL61] a tab that outlives another delivers and counts what it learnt from it', async () => {
    const [left, right] = [await tab('CL61'), await tab('CL61')]
    left.socket().drop()
    right.socket().drop()
    type(left.client.doc, 'kept')
    await settle()
    left.client.destroy()
    expect(right.client.unsaved).toBe(1)
    await vi.advanceTimersByTimeAsync(200)
    const socket = handshake(right)
    expect(textOf(updateIn(socket.counted[0]))).toBe('kept')
    expect(right.client.unsaved).toBe(1)
    socket.receive(frames.saved(1))
    expect(right.client.unsaved).toBe(0)
    right.client.destroy()
  })

  test('[CL62] a connected tab passes on what a tab without a connection typed', async () => {
    const [left, right] = [await tab('CL62'), await tab('CL62')]
    left.socket().drop()
    const socket = handshake(right)
    type(left.client.doc, 'passed on')
    await settle()
    expect(socket.counted).toHaveLength(2)
    expect(textOf(updateIn(socket.counted[1]))).toBe('passed on')
    expect(right.client.unsaved).toBe(1)
    socket.receive(frames.saved(2))
    expect(right.client.unsaved).toBe(0)
    expect(left.client.unsaved).toBe(1)
    left.client.destroy()
    right.client.destroy()
  })

  test('[CL63] a new tab takes the content from the server, so that an old tab’s copy is no change of its own', async () => {
    const server = new Y.Doc()
    type(server, 'long known')
    const left = await tab('CL63')
    handshake(left, server)
    const right = await tab('CL63')
    await settle()
    expect(right.client.doc.getText('content').length).toBe(0)
    const socket = handshake(right, server)
    await settle()
    expect(right.client.unsaved).toBe(0)
    expect(socket.counted).toHaveLength(1)
    left.client.destroy()
    right.client.destroy()
  })
})
