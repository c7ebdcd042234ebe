/** Every door a token can be shown at, and knocking at any address. */
import { request } from 'node:http'
import { WebSocket } from 'ws'
import { Subprotocol } from '../../shared/protocol.ts'
import { join, varString } from '../hostile/bytes.ts'
import { AUTH, sync, type Wire } from '../hostile/wires.ts'
import { DIALECTS } from './member.ts'

export interface Visitor {
  readonly url: string
  /** Of letters, digits and dashes. */
  readonly document: string
  readonly token: string
}

/** What became of a visitor, and everything that was said about it. */
export interface Entry {
  readonly isIn: boolean
  readonly answer: string
}

export type Door = (visitor: Visitor) => Promise<Entry>

const EMPTY_STATE_VECTOR = join(0)
const EMPTY_UPDATE = join(0, 0)

/** By name. */
export const DOORS: Readonly<Record<string, Door>> = {
  'a header': socketDoor('our own', ({ token }) => ({ headers: bearer(token) })),
  'a subprotocol': socketDoor('our own', ({ token }) => ({
    protocols: [Subprotocol.name, Subprotocol.tokenPrefix + token],
  })),
  'the query': socketDoor('y-websocket', ({ token }) => ({ query: `?token=${encodeURIComponent(token)}` })),
  'Hocuspocus’ message': socketDoor('Hocuspocus', ({ document, token }) => ({
    greeting: join(varString(document), AUTH, 0, varString(token)),
  })),
  'y-sweet’s query': socketDoor('y-sweet', ({ token }) => ({ query: `?token=${encodeURIComponent(token)}` })),
  'a request to read': ({ url, document, token }) => ask(`${url}/d/${document}/as-update`, { headers: bearer(token) }),
  'a request to write': ({ url, document, token }) =>
    ask(`${url}/d/${document}/update`, { method: 'POST', headers: bearer(token), body: EMPTY_UPDATE }),
}

/** The status that a request gets; 101 when it is a handshake that is taken. */
export function knock(url: string, { path, method = 'GET', headers = {} }: Knock): Promise<number> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    request({ hostname, port, path, method, headers })
      .on('response', (response) => {
        response.resume()
        resolve(response.statusCode ?? 0)
      })
      .on('upgrade', (_response, socket) => {
        socket.destroy()
        resolve(101)
      })
      .on('error', reject)
      .end()
  })
}

export interface Knock {
  /** Sent as it is. */
  readonly path: string
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** What makes a request a handshake. */
export const HANDSHAKE = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': Buffer.alloc(16).toString('base64'),
} as const

interface Dial {
  readonly headers?: Record<string, string>
  readonly protocols?: string[]
  readonly query?: string
  readonly greeting?: Uint8Array
}

function socketDoor(dialect: string, dialOf: (visitor: Visitor) => Dial): Door {
  return (visitor) => {
    const wire = DIALECTS[dialect]
    if (wire === undefined) throw new Error(`There is no dialect ${dialect}.`)
    return enter(wire, visitor, dialOf(visitor))
  }
}

function enter(wire: Wire, { url, document }: Visitor, { headers, protocols, query = '', greeting }: Dial) {
  return new Promise<Entry>((resolve) => {
    const address = `${url.replace('http', 'ws')}${wire.path(document)}`
    const socket = new WebSocket(address + (address.includes('?') ? query.replace('?', '&') : query), protocols, {
      headers,
    })
    const said: string[] = []
    const end = (isIn: boolean): void => {
      socket.terminate()
      resolve({ isIn, answer: said.join('\n') })
    }
    socket.on('open', () => {
      if (greeting !== undefined) socket.send(greeting)
      socket.send(sync(wire, document, 0, EMPTY_STATE_VECTOR))
    })
    socket.on('message', (data: Buffer) => {
      said.push(data.toString('latin1'))
      const { type } = wire.read(Uint8Array.from(data))
      if (type === 'step2' || type === 'denied') end(type === 'step2')
    })
    socket.on('error', (error) => said.push(error.message))
    socket.on('close', (_code, reason) => {
      said.push(reason.toString())
      end(false)
    })
  })
}

async function ask(url: string, init: RequestInit): Promise<Entry> {
  const answer = await fetch(url, init)
  return { isIn: answer.ok, answer: await answer.text() }
}

function bearer(token: string): Record<string, string> {
  return { authorization: `Bearer ${token}` }
}
