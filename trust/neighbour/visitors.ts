/** People from afar, whom all limits hold for, and who go as far as these let them. */
import { setImmediate, setTimeout as sleep } from 'node:timers/promises'
import { ask, type Asked, tokenOf } from '../access/token-server.ts'
import { join } from '../hostile/bytes.ts'
import { frame, RawSocket } from '../hostile/raw-socket.ts'
import { sync, type Wire, wireAt, weftPaths } from '../hostile/wires.ts'

const PATIENCE_MS = 10_000
/** Who was sent away comes back after this long, as clients do. */
const AWAY_MS = 1_000
/** More than this waiting in our own socket says nothing more about the server. */
const MAX_UNSENT_BYTES = 1_000_000
const tokens = Array.from({ length: 300 }, (_, at) => tokenOf({ user: `visitor-${at}`, role: 'editor' }))
const EMPTY_STATE_VECTOR = join(0)
const EMPTY_UPDATE = join(0, 0)

const dialect = wireAt(weftPaths, 'y-websocket')
if (dialect === null) throw new Error('Weft speaks y-websocket.')
/** What they all speak. */
export const wire: Wire = dialect

export interface Entry {
  /** Else the one that they all go to. */
  readonly document?: string
  /** One of some hundred; else each is the next one. */
  readonly user?: number
  readonly token?: string
}

export interface VisitOptions {
  readonly document: string
  /** Where they come from. What one noise uses up of an address, bad tokens say, is not to silence the next one. */
  readonly address: string
  /** For how long they stay, once they are told where to go. */
  readonly lifeMs: number
}

export class Visitors {
  /** Where they all go. */
  readonly document: string
  readonly #url: string
  /** All from one address, behind a proxy that the server trusts. */
  readonly #fromAfar: Readonly<Record<string, string>>
  readonly #endMs: number
  #entered = 0

  constructor(url: string, { document, address, lifeMs }: VisitOptions) {
    this.document = document
    this.#url = url
    this.#fromAfar = { 'X-Forwarded-For': address }
    this.#endMs = performance.now() + lifeMs
  }

  /** Time to go. */
  get isOver(): boolean {
    return performance.now() >= this.#endMs
  }

  /** A connection on which nothing was said yet. */
  dial(): Promise<RawSocket> {
    return RawSocket.open(Number(new URL(this.#url).port))
  }

  /** Opens a document and gets in step, or is sent away. */
  async enter({
    document = this.document,
    user = this.#entered++,
    token = tokenFor(user),
  }: Entry = {}): Promise<RawSocket> {
    const socket = await this.dial()
    socket.upgrade(wire.path(document), { ...this.#fromAfar, Authorization: `Bearer ${token}` })
    await socket.until(() => socket.isUpgraded, PATIENCE_MS)
    socket.send(sync(wire, document, 0, EMPTY_STATE_VECTOR), sync(wire, document, 1, EMPTY_UPDATE))
    await socket.until(() => socket.messages.some((message) => wire.read(message).type === 'step2'), PATIENCE_MS)
    return socket
  }

  /** `count` people send frames as fast as the server takes them; `next` gives some, for the visit it is told. */
  async flood(
    next: (visit: number) => Uint8Array,
    { count = 1, reads = true }: { readonly count?: number; readonly reads?: boolean } = {},
  ): Promise<void> {
    await this.atOnce(count, async () => {
      const socket = await this.enter()
      const visit = this.#entered
      if (!reads) socket.pause()
      while (socket.ending === null && !this.isOver) {
        if (socket.unsentBytes < MAX_UNSENT_BYTES) socket.write(next(visit))
        else await sleep(1)
        socket.messages.length = 0
        await setImmediate()
      }
      socket.destroy()
      if (!this.isOver) await sleep(AWAY_MS)
    })
  }

  /** `count` of them do something over and over until it is time to go. */
  async atOnce(count: number, something: () => Promise<unknown>): Promise<void> {
    await Promise.all(
      Array.from({ length: count }, async () => {
        while (!this.isOver) await something()
      }),
    )
  }

  /** A request; its answer is read to the end. Rejects when it is refused: that is no noise. */
  async request(path: string, asked: Asked = {}): Promise<void> {
    const headers = { ...this.#fromAfar, ...asked.headers }
    const answer = await ask(`${this.#url}${path}`, tokenFor(this.#entered++), { ...asked, headers })
    const body = await answer.arrayBuffer()
    if (!answer.ok) throw new Error(`${path} was answered with ${answer.status}: ${Buffer.from(body).toString()}`)
  }
}

/** Messages in frames of their own, to be sent at once. */
export function framed(...messages: readonly Uint8Array[]): Uint8Array {
  return join(...messages.map((message) => frame(message)))
}

function tokenFor(user: number): string {
  return tokens[user % tokens.length] ?? ''
}
