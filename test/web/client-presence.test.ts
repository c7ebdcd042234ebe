import * as encoding from 'lib0/encoding'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { applyAwarenessUpdate, Awareness, encodeAwarenessUpdate } from 'y-protocols/awareness'
import * as Y from 'yjs'
import { MessageType } from '../../shared/protocol.ts'
import { bench, handshake, type FakeSocket } from './client-fakes.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** Somebody else in the room. */
function somebody(): Awareness {
  const awareness = new Awareness(new Y.Doc())
  awareness.setLocalStateField('user', { id: 'eve', name: 'Eve', color: '#000000' })
  return awareness
}

function messageAbout(awareness: Awareness): Uint8Array {
  return encoding.encode((encoder) => {
    encoding.writeVarUint(encoder, MessageType.awareness)
    encoding.writeVarUint8Array(encoder, encodeAwarenessUpdate(awareness, [awareness.clientID]))
  })
}

/** Shows `awareness` what the client said about itself on this connection. */
function hear(awareness: Awareness, socket: FakeSocket): void {
  for (const frame of socket.sent) {
    // A state of ours is short enough for a length of at most two bytes.
    const bodyAt = (frame[1] ?? 0) < 0x80 ? 2 : 3
    if (frame[0] === MessageType.awareness) applyAwarenessUpdate(awareness, frame.subarray(bodyAt), 'test')
  }
}

test('[CL85] after a lost connection people see each other as soon as there is a new one', async () => {
  const it = await bench()
  const eve = somebody()
  const first = handshake(it)
  first.receive(messageAbout(eve))
  hear(eve, first)
  expect(it.client.awareness.getStates().has(eve.clientID)).toBe(true)
  expect(eve.getStates().has(it.client.doc.clientID)).toBe(true)

  first.drop()
  eve.states.delete(it.client.doc.clientID)
  expect(it.client.awareness.getStates().has(eve.clientID)).toBe(false)
  await vi.advanceTimersByTimeAsync(200)
  const second = handshake(it)
  second.receive(messageAbout(eve))
  hear(eve, second)
  expect(it.client.awareness.getStates().has(eve.clientID)).toBe(true)
  expect(eve.getStates().has(it.client.doc.clientID)).toBe(true)
  it.client.destroy()
  eve.destroy()
})
