/** Fresh connections: handshakes, addresses and plain HTTP. */
import { repeat } from '../bytes.ts'
import type { Outcome, RequestCase, Scene } from '../case.ts'
import { RawSocket } from '../raw-socket.ts'

/** Raw bytes of a name that no `encodeURIComponent` makes. */
const upgrade = (path: string, headers?: Readonly<Record<string, string>>, method?: string) => (socket: RawSocket) =>
  socket.upgrade(path, headers, method)

const request =
  (head: string, body = '') =>
  (socket: RawSocket) =>
    socket.write(Buffer.from(`${head}\r\nHost: 127.0.0.1\r\n\r\n${body}`, 'latin1'))

const rows: readonly (readonly [
  name: string,
  outcome: Outcome | readonly Outcome[],
  attack: (socket: RawSocket, scene: Scene) => void | Promise<void>,
])[] = [
  // Names of documents.
  ['no name', 'closed 4404', upgrade('/ws/')],
  ['a name of blanks', 'closed 4404', upgrade('/ws/%20%20')],
  ['a name with NUL', 'closed 4404', upgrade('/ws/a%00b')],
  ['a name with a line break', 'closed 4404', upgrade('/ws/a%0d%0ab')],
  ['a name with DEL', 'closed 4404', upgrade('/ws/a%7fb')],
  ['a name that is not UTF-8', 'closed 4404', upgrade('/ws/%ff%fe')],
  ['a name with an overlong slash', 'closed 4404', upgrade('/ws/%c0%af')],
  ['a name with half a surrogate pair', 'closed 4404', upgrade('/ws/%ed%a0%80')],
  ['a name with a broken escape', 'closed 4404', upgrade('/ws/%E0%A4%A')],
  ['a name of 513 bytes', 'closed 4404', upgrade(`/ws/${'n'.repeat(513)}`)],
  ['a name of 4,000 letters', 'closed 4404', upgrade(`/ws/${'%F0%9F%98%80'.repeat(1_000)}`)],
  ['a name that looks like a path', 'open', upgrade('/ws/../../../etc/passwd')],
  ['a name that looks like an escaped path', 'open', upgrade('/ws/..%2f..%2fetc%2fpasswd')],
  ['a name of slashes', 'open', upgrade('/ws////')],
  ['a name like a member of objects', 'open', upgrade('/ws/__proto__')],
  ['a name in raw bytes over 127', ['open', 'closed 4404', 'status 400'], upgrade('/ws/\u00ff\u00fe')],
  ['a y-sweet name that is two', 'closed 4404', upgrade('/d/one/ws/two')],
  ['a y-sweet name with a slash', 'closed 4404', upgrade('/d/a%2fb/ws/a%2fb')],
  ['a path that leads nowhere', 'status 404', upgrade('/nowhere')],
  ['a path that only begins like ours', 'status 404', upgrade('/hocuspocusfake')],
  ['an absolute address', ['status 404', 'status 400'], upgrade('http://evil.example/ws/x')],
  [
    '100 parameters of 100 letters',
    'open',
    upgrade(`/ws/x?${Array.from({ length: 100 }, (_, at) => `p${at}=${'v'.repeat(100)}`).join('&')}`),
  ],
  ['a user of 10,000 letters', 'open', upgrade(`/ws/x?user=${'u'.repeat(10_000)}&name=%ff%00`)],
  ['an address of 20,000 letters', 'status 431', upgrade(`/ws/${'n'.repeat(20_000)}`)],

  // Handshakes.
  ['a page of another origin', 'status 403', upgrade('/ws/x', { Origin: 'https://evil.example' })],
  ['an origin that is none', 'status 403', upgrade('/ws/x', { Origin: 'null' })],
  ['an origin that begins like ours', 'status 403', upgrade('/ws/x', { Origin: 'http://127.0.0.1.evil.example' })],
  ['an origin that ends like ours', 'status 403', upgrade('/ws/x', { Origin: 'http://evil-localhost' })],
  ['a name that leads here', 'status 403', upgrade('/ws/x', { Host: 'evil.example' })],
  ['a handshake without a key', 'status 400', upgrade('/ws/x', { 'Sec-WebSocket-Key': '' })],
  ['a handshake with a key that is none', 'status 400', upgrade('/ws/x', { 'Sec-WebSocket-Key': 'short' })],
  [
    'a handshake of version 8 with nonsense',
    ['status 400', 'open'],
    upgrade('/ws/x', { 'Sec-WebSocket-Version': '8' }),
  ],
  ['a handshake of version 99', ['status 400', 'status 426'], upgrade('/ws/x', { 'Sec-WebSocket-Version': '99' })],
  ['a handshake by POST', ['status 405', 'status 400'], upgrade('/ws/x', {}, 'POST')],
  ['an upgrade to something else', 'status 400', upgrade('/ws/x', { Upgrade: 'h2c' })],
  ['an upgrade without the word', ['status 404', 'status 400'], upgrade('/ws/x', { Upgrade: '' })],
  [
    'sub-protocols that are none',
    ['status 400', 'open'],
    upgrade('/ws/x', { 'Sec-WebSocket-Protocol': 'a,,b, ,\u007f' }),
  ],
  [
    'extensions that are none',
    ['status 400', 'open'],
    upgrade('/ws/x', { 'Sec-WebSocket-Extensions': 'permessage-deflate; ;;; x="' }),
  ],
  ['compression that is not offered', 'open', upgrade('/ws/x', { 'Sec-WebSocket-Extensions': 'permessage-deflate' })],
  [
    'a reset inside the handshake',
    'ended',
    (socket) => {
      socket.upgrade('/ws/x')
      socket.reset()
    },
  ],
  [
    '100 resets inside the handshake',
    'ended',
    async (socket, { port }) => {
      const sockets = await Promise.all(Array.from({ length: 100 }, () => RawSocket.open(port)))
      for (const one of [socket, ...sockets]) {
        one.upgrade('/ws/x')
        one.reset()
      }
    },
  ],

  // Plain HTTP.
  ['no HTTP at all', 'status 400', (socket) => socket.write('\u0016\u0003\u0001\u0002\u0000hello\r\n\r\n')],
  ['a method that is none', 'status 400', request('EVIL / HTTP/1.1')],
  ['64 KB of headers', 'status 431', (socket) => socket.write(`GET / HTTP/1.1\r\nX: ${'x'.repeat(65_536)}\r\n\r\n`)],
  [
    '3,000 headers',
    ['status 431', 'status 400', 'status 200'],
    (socket) => {
      socket.write(
        `GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n${Array.from({ length: 3_000 }, (_, at) => `${at}:`).join('\r\n')}\r\n\r\n`,
      )
    },
  ],
  ['no host', ['status 400', 'status 403'], (socket) => socket.write('GET /api/v1/documents HTTP/1.1\r\n\r\n')],
  [
    'two lengths',
    'status 400',
    (socket) => {
      socket.write('POST /doc/new HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}')
    },
  ],
  [
    'a length and chunks',
    'status 400',
    (socket) => {
      socket.write(
        'POST /doc/new HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      )
    },
  ],
  [
    'a chunk longer than numbers are',
    'status 400',
    (socket) => {
      socket.write(
        'POST /doc/new HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n',
      )
    },
  ],
  ['a path out of the folder', ['status 404', 'status 400'], request('GET /../../../../etc/passwd HTTP/1.1')],
  [
    'an escaped path out of the folder',
    ['status 404', 'status 400'],
    request('GET /assets/..%2f..%2f..%2fetc%2fpasswd HTTP/1.1'),
  ],
  ['the command of a proxy', ['ended', 'status 405', 'status 404'], request('CONNECT evil.example:443 HTTP/1.1')],
  ['an update of noise', 'status 400', post('/d/x/update', 'noise'.repeat(99))],
  [
    'an update that builds on nothing',
    'status 400',
    post('/d/x/update', '\u0001\u0001\u0007\u0064\u0004\u0001\u0007content\u0001x\u0000'),
  ],
  [
    'an update of 17 MB announced',
    'status 413',
    (socket) => {
      socket.write('POST /d/x/update HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 17825792\r\n\r\nx')
    },
  ],
  ['JSON nested 100,000 deep', ['status 200', 'status 400', 'status 413'], post('/doc/new', '['.repeat(100_000))],
  ['JSON of the wrong shape', ['status 400', 'status 200'], post('/doc/new', '{"docId":{"__proto__":1}}')],
  ['a y-sweet name that is a path', ['status 404', 'status 400'], post('/doc/..%2f..%2fetc/auth', '{}')],
]

export const requests: readonly RequestCase[] = rows.map(([name, outcome, attack]) => ({
  kind: 'request',
  name: `requests: ${name}`,
  outcome,
  attack,
}))

function post(path: string, body: string) {
  return (socket: RawSocket): void => {
    const bytes = Buffer.from(body, 'latin1')
    socket.write(`POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: ${bytes.length}\r\n\r\n`, bytes)
  }
}

/** How many connections dawdle at once; Node looks after them every now and then, and ends them. */
const DAWDLERS = 200

/**
 * Handshakes that never come to an end. They take as long as the server lets them, so they are apart from the rest.
 */
export const dawdlers: readonly RequestCase[] = [
  {
    kind: 'request',
    name: 'requests: 200 handshakes whose heads never end',
    outcome: ['status 408', 'ended'],
    attack: async (socket, { port }) => {
      const others = await Promise.all(Array.from({ length: DAWDLERS - 1 }, () => RawSocket.open(port)))
      for (const one of [socket, ...others]) one.write('GET /ws/x HTTP/1.1\r\nHost: 127.0.0.1\r\nX-')
      const dripping = setInterval(() => {
        for (const one of [socket, ...others]) one.write(repeat(1, () => Buffer.from('a')))
      }, 500)
      await Promise.all([socket, ...others].map((one) => one.until(() => false, 45_000)))
      clearInterval(dripping)
    },
  },
]
