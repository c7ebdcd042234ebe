/**
 * What the server lets this client do, and the tokens that say so: hears the server's `access` messages, and sends a fresh
 * token when it asks for one. It knows neither the document nor what is unsaved, and keeps no token anywhere but in memory.
 */
import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'
import type { WebsocketProvider } from 'y-websocket'
import { CloseCode } from '../../shared/close-codes.ts'
import { type AccessNotice, MessageType } from '../../shared/protocol.ts'
import { can, type Role } from '../../shared/roles.ts'
import { isFinal } from './connection-state.ts'
import { onServerMessage } from './server-messages.ts'
import type { Access, Auth } from './types.ts'

/** Between two tries to get a fresh token: short enough that a hiccup is over before the old one ends, doubled up to the limit. */
const FIRST_RETRY_MS = 1_000
const LAST_RETRY_MS = 30_000

/** `WebSocket.OPEN`, where there may be no global `WebSocket`. */
const OPEN = 1

export interface ClientAccessOptions {
  /** Null: there is no token to be had. */
  readonly auth: Auth | null
  /** Anything that can be asked here changed. */
  readonly onChange: () => void
}

export class ClientAccess {
  readonly #options: ClientAccessOptions
  #provider: WebsocketProvider | null = null
  #current: Access | null = null
  /** The token sent last: the same once more is no fresh one. */
  #lastToken: string | null = null
  #hasFailed = false
  #hasJoined = false
  #isTurnedAway = false
  /** Stands for the search for a fresh token that is under way; null while none is wanted. */
  #search: AbortController | null = null

  constructor(options: ClientAccessOptions) {
    this.#options = options
  }

  /** What the server said last; null while it has not. */
  get current(): Access | null {
    return this.#current
  }

  /** Whether changes made now are the server's to take, sooner or later. Servers without roles take everything. */
  get mayWrite(): boolean {
    return !this.#isTurnedAway && (this.#current === null || can(this.#current.role, 'write'))
  }

  /** `auth` gave no token when it was last asked for a connection. */
  get lacksToken(): boolean {
    return this.#hasFailed
  }

  /** Takes what an earlier session was told, until the server says otherwise. */
  remember(role: Role | null): void {
    if (role !== null) this.#current ??= { role, expiresAtMs: null, why: 'remembered' }
  }

  /** The token for a new connection; null for none. Rejects when `auth` does. */
  async takeToken(): Promise<string | null> {
    this.#hasFailed = true
    const token = (await this.#options.auth?.()) ?? ''
    this.#hasFailed = false
    this.#lastToken = token
    return token === '' ? null : token
  }

  /** Takes over two message types of the provider and follows its connections. */
  watch(provider: WebsocketProvider): void {
    this.#provider = provider
    onServerMessage(provider, MessageType.access, (decoder) => this.#hear(decoding.readVarString(decoder)))
    onServerMessage(provider, MessageType.token, () => this.renew())
    provider.on('connection-close', (event) => {
      this.stop()
      const isRefusal = event !== null && (event.code === CloseCode.expired || isFinal(event.code))
      // A token that ran out during a session is replaced by the next connection's; one that is too old at once is not.
      if (isRefusal && (!this.#hasJoined || isFinal(event.code))) this.#isTurnedAway = true
      this.#hasJoined = false
    })
  }

  /** Gets a fresh token and sends it; tries until there is one, or no connection to send it on. */
  renew(): void {
    this.stop()
    const search = new AbortController()
    this.#search = search
    // Not awaited: it has no failure that it does not see to itself.
    void this.#renew(search, FIRST_RETRY_MS)
  }

  /** Asks for no token any longer. */
  stop(): void {
    this.#search?.abort()
    this.#search = null
  }

  async #renew(search: AbortController, retryMs: number): Promise<void> {
    let token = ''
    try {
      token = (await this.#options.auth?.()) ?? ''
    } catch {
      // Whoever gives tokens is down. The old token is good for a while yet, and the status tells when it is not.
    }
    const socket = this.#provider?.ws
    if (search.signal.aborted || socket?.readyState !== OPEN) return
    if (token === '' || token === this.#lastToken) {
      const retry = setTimeout(() => void this.#renew(search, Math.min(2 * retryMs, LAST_RETRY_MS)), retryMs)
      search.signal.addEventListener('abort', () => clearTimeout(retry), { once: true })
      return
    }
    this.#lastToken = token
    socket.send(
      encoding.encode((encoder) => {
        encoding.writeVarUint(encoder, MessageType.token)
        encoding.writeVarString(encoder, token)
      }),
    )
  }

  #hear(json: string): void {
    const { role, expiresInMs, why }: AccessNotice = JSON.parse(json)
    this.#current = { role, why, expiresAtMs: expiresInMs === null ? null : Date.now() + expiresInMs }
    this.#hasJoined = true
    this.#isTurnedAway = false
    if (why === 'renewed') this.stop()
    this.#options.onChange()
  }
}
