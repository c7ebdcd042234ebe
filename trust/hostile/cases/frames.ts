/** Bytes below the messages: WebSocket frames as RFC 6455 forbids them, and connections that misbehave. */
import { randomFrom } from '../../fuzz/update-documents.ts'
import { join, repeat } from '../bytes.ts'
import type { Outcome, Scene, SocketCase } from '../case.ts'
import { frame, Opcode, type RawSocket } from '../raw-socket.ts'
import { sync } from '../wires.ts'

const EMPTY = new Uint8Array()
/** A message that every dialect's sessions take. */
const nothing = (scene: Scene): Uint8Array => sync(scene.wire, scene.document, 2, join(0, 0))
const closing = (code: number, reason = ''): Uint8Array => {
  return frame(join(code >> 8, code & 255, Buffer.from(reason)), { opcode: Opcode.close })
}

const rows: readonly (readonly [
  name: string,
  outcome: Outcome | readonly Outcome[],
  attack: (socket: RawSocket, scene: Scene) => void | Promise<void>,
])[] = [
  ['a text message', 'closed 4400', (socket) => socket.write(frame(Buffer.from('hello'), { opcode: Opcode.text }))],
  [
    'a text message that is not UTF-8',
    'closed 1007',
    (socket) => socket.write(frame(join(0xff), { opcode: Opcode.text })),
  ],
  ['the first reserved bit', 'closed 1002', (socket, scene) => socket.write(frame(nothing(scene), { reserved: 4 }))],
  ['the second reserved bit', 'closed 1002', (socket, scene) => socket.write(frame(nothing(scene), { reserved: 2 }))],
  ['the third reserved bit', 'closed 1002', (socket, scene) => socket.write(frame(nothing(scene), { reserved: 1 }))],
  [
    'reserved bits on a ping',
    'closed 1002',
    (socket) => socket.write(frame(EMPTY, { opcode: Opcode.ping, reserved: 7 })),
  ],
  ['reserved opcode 3', 'closed 1002', (socket) => socket.write(frame(EMPTY, { opcode: 3 }))],
  ['reserved opcode 7', 'closed 1002', (socket) => socket.write(frame(EMPTY, { opcode: 7 }))],
  ['reserved opcode 11', 'closed 1002', (socket) => socket.write(frame(EMPTY, { opcode: 11 }))],
  [
    'a frame without a mask',
    'closed 1002',
    (socket, scene) => socket.write(frame(nothing(scene), { isMasked: false })),
  ],
  [
    'a ping in fragments',
    'closed 1002',
    (socket) => socket.write(frame(EMPTY, { opcode: Opcode.ping, isFinal: false })),
  ],
  [
    'a close in fragments',
    'closed 1002',
    (socket) => socket.write(frame(EMPTY, { opcode: Opcode.close, isFinal: false })),
  ],
  ['a ping of 126 bytes', 'closed 1002', (socket) => socket.write(frame(new Uint8Array(126), { opcode: Opcode.ping }))],
  ['a pong of 64 KB', 'closed 1002', (socket) => socket.write(frame(new Uint8Array(65_536), { opcode: Opcode.pong }))],
  ['a continuation of nothing', 'closed 1002', (socket, scene) => socket.write(frame(nothing(scene), { opcode: 0 }))],
  [
    'a message inside a message',
    'closed 1002',
    (socket, scene) => {
      socket.write(frame(nothing(scene), { isFinal: false }), frame(nothing(scene)))
    },
  ],
  ['a length of 2^63', 'closed 4413', (socket) => socket.write(frame(EMPTY, { length: 2n ** 63n }))],
  ['a length of 2^64 - 1', 'closed 4413', (socket) => socket.write(frame(EMPTY, { length: 2n ** 64n - 1n }))],
  ['a length of 2^53', 'closed 4413', (socket) => socket.write(frame(EMPTY, { length: 2n ** 53n }))],
  ['a length of 1 GB', 'closed 4413', (socket) => socket.write(frame(EMPTY, { length: 2n ** 30n }))],
  ['a message over the limit', 'closed 4413', (socket) => socket.write(frame(new Uint8Array(17 * 1024 * 1024)))],
  [
    'fragments over the limit',
    'closed 4413',
    (socket) => {
      socket.write(frame(new Uint8Array(1_000_000), { isFinal: false }))
      for (let at = 0; at < 40; at++) socket.write(frame(new Uint8Array(1_000_000), { opcode: 0, isFinal: false }))
    },
  ],
  [
    '100,000 fragments of nothing',
    ['closed 1008', 'closed 1009', 'closed 1002'],
    (socket) => {
      socket.write(
        frame(EMPTY, { isFinal: false }),
        repeat(100_000, () => frame(EMPTY, { opcode: 0, isFinal: false })),
      )
    },
  ],
  [
    'a length in more bytes than it needs',
    'open',
    (socket, scene) => socket.write(frame(nothing(scene), { lengthBytes: 9 })),
  ],
  [
    'a message in 100 fragments',
    'open',
    (socket, scene) => {
      const message = nothing(scene)
      socket.write(frame(message.subarray(0, 1), { isFinal: false }))
      for (let at = 0; at < 100; at++) socket.write(frame(EMPTY, { opcode: 0, isFinal: false }))
      socket.write(frame(message.subarray(1), { opcode: 0 }))
    },
  ],
  [
    'a ping between fragments',
    'open',
    (socket, scene) => {
      const message = nothing(scene)
      socket.write(frame(message.subarray(0, 2), { isFinal: false }), frame(EMPTY, { opcode: Opcode.ping }))
      socket.write(frame(message.subarray(2), { opcode: 0 }))
    },
  ],
  [
    '100,000 pings',
    ['open', 'ended'],
    (socket) => socket.write(repeat(100_000, () => frame(EMPTY, { opcode: Opcode.ping }))),
  ],
  [
    '100,000 pongs nobody asked for',
    'open',
    (socket) => socket.write(repeat(100_000, () => frame(EMPTY, { opcode: Opcode.pong }))),
  ],
  ['a close of one byte', 'closed 1002', (socket) => socket.write(frame(join(3), { opcode: Opcode.close }))],
  ['a close with the reserved code 1005', 'closed 1002', (socket) => socket.write(closing(1005))],
  ['a close with the impossible code 999', 'closed 1002', (socket) => socket.write(closing(999))],
  [
    'a close whose reason is not UTF-8',
    'closed 1007',
    (socket) => {
      socket.write(frame(join(3, 232, 0xff, 0xfe), { opcode: Opcode.close }))
    },
  ],
  [
    'a close, and messages after it',
    'closed 1000',
    (socket, scene) => {
      socket.write(closing(1000), frame(nothing(scene)), frame(nothing(scene)))
    },
  ],
  ['half a header, and a reset', 'ended', (socket, scene) => leaveAfter(socket, frame(nothing(scene)).subarray(0, 1))],
  [
    'half a message, and a reset',
    'ended',
    (socket, scene) => leaveAfter(socket, frame(nothing(scene)).subarray(0, -1)),
  ],
  [
    'a reset inside 16 MB',
    'ended',
    (socket) => leaveAfter(socket, frame(new Uint8Array(16_000_000)).subarray(0, 9_000_000)),
  ],
  [
    'a message byte by byte',
    'open',
    async (socket, scene) => {
      for (const byte of frame(nothing(scene))) {
        socket.write(byte)
        await new Promise((resolve) => setImmediate(resolve))
      }
    },
  ],
  [
    'HTTP after the handshake',
    ['closed 1002', 'closed 1009'],
    (socket) => socket.write('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'),
  ],
  [
    '64 KB of noise',
    ['closed 1002', 'closed 1007', 'closed 1009'],
    (socket) => {
      const random = randomFrom(1)
      socket.write(
        join(
          0xff,
          Uint8Array.from({ length: 65_536 }, () => random() * 256),
        ),
      )
    },
  ],
  [
    '1,000 messages of noise',
    ['closed 4400', 'denied'],
    (socket) => {
      const random = randomFrom(2)
      socket.write(repeat(1_000, () => frame(Uint8Array.from({ length: 40 }, () => random() * 256))))
    },
  ],
]

export const frames: readonly SocketCase[] = rows.map(([name, outcome, attack]) => ({
  kind: 'socket',
  name: `frames: ${name}`,
  wires: ['y-websocket', 'hocuspocus', 'y-sweet'],
  outcome,
  attack,
}))

/** Whoever left by itself is not asked whether its connection goes on. */
async function leaveAfter(socket: RawSocket, bytes: Uint8Array): Promise<void> {
  socket.write(bytes)
  await socket.until(() => socket.unsentBytes === 0, 20_000)
  socket.reset()
}
