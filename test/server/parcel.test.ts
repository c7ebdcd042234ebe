/** What threads hand each other without the one between them taking it in. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { parcelOf } from '../../server/core/pieces.ts'
import { ReceivedParcel, sendCompressed, type SentParcel, sendParcel } from '../../server/threads/parcel.ts'
import { release } from '../../server/threads/release.ts'

const PIECES = [1, 2, 3].map((byte) => new Uint8Array(20_000).fill(byte))

const copies = (): Uint8Array[] => PIECES.map((piece) => piece.slice())

/** Through one more pair of ports, as through a thread that hands it on. */
function passedOn(sent: SentParcel): ReceivedParcel {
  const { port1, port2 } = new MessageChannel()
  port1.postMessage(sent, [sent.port])
  const { message } = receiveMessageOnPort(port2) as { readonly message: SentParcel }
  port1.close()
  return new ReceivedParcel(message)
}

test.each([
  ['as they are', () => sendParcel(parcelOf(copies()))],
  ['compressed', () => sendCompressed(PIECES)],
])('[PL1] pieces that travel %s arrive in order, and their count and size before them', (_how, send) => {
  const parcel = passedOn(send())
  expect([parcel.pieces, parcel.bytes]).toEqual([3, 60_000])
  expect([...parcel]).toEqual(PIECES)
})

test('[PL2] what is put in a parcel is taken over, and a parcel that came is handed on as it is', () => {
  const pieces = copies()
  const first = new ReceivedParcel(sendParcel(parcelOf(pieces)))
  expect(pieces.map(({ length }) => length)).toEqual([0, 0, 0])
  expect(sendParcel(first)).toBe(first.sent)
})

test('[PL3] a parcel is compressed once, wherever that is asked for', () => {
  const arrived = [...new ReceivedParcel(sendCompressed(PIECES)).compressed()]
  const late = [...new ReceivedParcel(sendParcel(parcelOf(copies()))).compressed()]
  expect(Buffer.concat(arrived)).toEqual(Buffer.concat(late))
  expect(arrived.every(({ length }) => length < 100)).toBe(true)
})

test('[PL4] a piece that passes is gone when the next is asked for', () => {
  const parcel = new ReceivedParcel(sendParcel(parcelOf(copies())))
  const seen: Uint8Array[] = []
  for (const piece of parcel.passing()) {
    expect(piece.length).toBe(20_000)
    expect(seen.every(({ length }) => length === 0)).toBe(true)
    seen.push(piece)
  }
  expect(seen.length).toBe(3)
})

test('[PL5] a parcel that is given up, or not gone through to its end, keeps nothing', async () => {
  const given = new ReceivedParcel(sendParcel(parcelOf(copies())))
  given.discard()
  const left = new ReceivedParcel(sendParcel(parcelOf(copies())))
  for (const piece of left) if (piece.length > 0) break
  // A port closes at the end of a turn of the event loop.
  await nextTurn()
  await nextTurn()
  for (const { port } of [given.sent, left.sent]) expect(receiveMessageOnPort(port)).toBeUndefined()
})

test('[PL6] memory is given back of what has a buffer of its own, and of nothing that others may have a part of', () => {
  const own = new Uint8Array(20_000)
  release(own)
  expect(own.length).toBe(0)
  const shared = new Uint8Array(40_000)
  release(shared.subarray(0, 20_000))
  const small = new Uint8Array(100)
  release(small)
  expect([shared.length, small.length]).toEqual([40_000, 100])
})
