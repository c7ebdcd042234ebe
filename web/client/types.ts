/** The public words of the headless client: what `connect` takes and gives. */
import type { Awareness } from 'y-protocols/awareness'
import type { WebsocketProvider } from 'y-websocket'
import type * as Y from 'yjs'
import type { AccessReason, StorageTrouble } from '../../shared/protocol.ts'
import type { Role } from '../../shared/roles.ts'

/** Who the person is, as others see them. Everything else in the awareness state is the embedder's. */
export interface User {
  /** Stable across sessions; colours and history go by it. Random per browser profile when not given. */
  readonly id: string
  readonly name: string
  /** A CSS colour with at least 4.5:1 contrast against white text; chosen by `id` when not given. */
  readonly color: string
}

/** Gives a token that is good now; an empty one stands for none. It is kept in memory only. */
export type Auth = () => string | Promise<string>

export interface ConnectOptions {
  /** Base URL of the server, `https://…` or `wss://…`. Default: the page's own origin. */
  readonly server?: string
  readonly document: string
  /**
   * Called before every connection, retries included, and again whenever the server wants a fresh token, which it does
   * at 80 % of the old one's life; the fresh one takes effect without a new connection. When it rejects, or gives the
   * same token as before, it is called again after 1 s, 2 s and so on up to 30 s.
   */
  readonly auth?: Auth
  readonly user?: Partial<User>
  /** Keep a copy in IndexedDB, so that edits survive reloads without a network. Default: true where IndexedDB exists. */
  readonly offline?: boolean
  /** Default: a new `Y.Doc`, destroyed with the client. A given one stays the caller's. */
  readonly doc?: Y.Doc
  /** For Node: the `ws` package's class. Default: the global `WebSocket`. */
  readonly WebSocketPolyfill?: typeof WebSocket
}

/**
 * Where the connection stands. `waiting` counts down to the next try; its `code` is the last close code, null when there
 * was none, and its `reason` what came with it, or `no-token` while `auth` gives none. `stopped` does not try again by
 * itself: the server said with a code of 4400–4499 that it would be no use, or `disconnect` was called (code 1000).
 */
export type ConnectionState =
  | { readonly name: 'connecting' }
  | { readonly name: 'live' }
  | {
      readonly name: 'waiting'
      readonly retryAtMs: number
      readonly attempt: number
      readonly code: number | null
      readonly reason: string
    }
  | { readonly name: 'stopped'; readonly code: number; readonly reason: string }

/** What the server lets the person do in the document. */
export interface Access {
  readonly role: Role
  /** By this device's clock; null when it does not run out, or that is not known. */
  readonly expiresAtMs: number | null
  /**
   * Why it is so. `expired`: nothing is taken until a fresh token comes. `remembered`: the server has not said anything
   * yet in this session, and said this in an earlier one.
   */
  readonly why: AccessReason | 'remembered'
}

/** Everything a status line needs to tell the truth. */
export interface ClientState {
  readonly connection: ConnectionState
  /** The server's present state has arrived over this connection. */
  readonly synced: boolean
  /**
   * The document has been in step with the server once, now or in an earlier session whose copy is on this device.
   * Until then nothing may be typed: the editor stays read-only.
   */
  readonly ready: boolean
  /** What the server lets the person do; null until it says so, and for servers that have no roles. */
  readonly access: Access | null
  /**
   * What is typed now is taken by the server, at once or after a reconnection. Keep your editor read-only while this is
   * false: before `ready`, for who may only view, and where the server sent this client away for good.
   */
  readonly writable: boolean
  /**
   * Changes in this document that the server has not said are on its disk: made here, in another tab of this browser
   * while no server heard it, or in an earlier session (then at least 1). Only Weft servers say what is on disk; on
   * any other the count does not go down.
   */
  readonly unsaved: number
  /**
   * Whether all unsaved changes survive a reload of this page: they are in the browser's database. False for some
   * milliseconds after each change.
   */
  readonly keptOnDevice: boolean
  /** The document is as large as the server lets it be: unsaved changes stay here until something is deleted from it. */
  readonly isFull: boolean
  /** Why the server cannot save at the moment, which it goes on trying; null while it can. */
  readonly storageTrouble: StorageTrouble | null
}

/** Event names and payloads; the first six are y-websocket's own. */
export interface ClientEvents {
  status: (event: { readonly status: 'connected' | 'disconnected' | 'connecting' }) => void
  sync: (synced: boolean) => void
  synced: (synced: boolean) => void
  'connection-close': (event: CloseEvent | null, provider: WebsocketProvider) => void
  'connection-error': (event: Event, provider: WebsocketProvider) => void
  closed: (event: { readonly code: number; readonly reason: string }, provider: WebsocketProvider) => void
  /** The role changed, in either direction; edits made before a downgrade stay in the document, and count as unsaved. */
  role: (role: Role, why: Access['why']) => void
  /** Anything in `state` changed. */
  state: (state: ClientState) => void
}

export interface Client {
  readonly doc: Y.Doc
  readonly awareness: Awareness
  readonly document: string
  readonly state: ClientState
  readonly status: 'connected' | 'disconnected' | 'connecting'
  readonly synced: boolean
  readonly unsaved: number
  /** Of `state.access`. */
  readonly role: Role | null
  readonly user: User
  /** Changes name or colour for everybody; with another name it connects anew. A token that names the person wins. */
  setUser(user: Partial<User>): void
  /** Asks `auth` for a token now: because somebody signed in, say. Where the server had sent this client away it connects. */
  renewAccess(): void
  /** Resolves at the first sync of this client with the server. */
  readonly whenSynced: Promise<void>
  /** Resolves when `state.ready` is true. */
  readonly whenReady: Promise<void>
  on<Name extends keyof ClientEvents>(name: Name, listener: ClientEvents[Name]): void
  off<Name extends keyof ClientEvents>(name: Name, listener: ClientEvents[Name]): void
  /** Tries now, whatever the back-off says. */
  connect(): void
  disconnect(): void
  destroy(): void
}
