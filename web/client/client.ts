/**
 * The headless client: y-websocket's provider, and around it what is saved, what is kept on the device and who is here.
 * It speaks no protocol: the provider does, this composes what listens at its seams.
 */
import { ObservableV2 } from 'lib0/observable'
import type { Awareness } from 'y-protocols/awareness'
import { WebsocketProvider } from 'y-websocket'
import * as Y from 'yjs'
import { CloseCode } from '../../shared/close-codes.ts'
import { SyncError } from '../../shared/errors.ts'
import { ClientParam } from '../../shared/protocol.ts'
import type { Role } from '../../shared/roles.ts'
import { ClientAccess } from './access.ts'
import { addressOf } from './address.ts'
import { DISCONNECTED, followConnection, isFinal, MAX_BACKOFF_MS } from './connection-state.ts'
import type { Device } from './device.ts'
import type { DeviceCopy } from './device-copy.ts'
import { LocalUser } from './local-user.ts'
import { renewPresence } from './renew-presence.ts'
import { ServerStorage } from './server-storage.ts'
import { socketClass } from './socket.ts'
import type { Access, Client, ClientEvents, ClientState, ConnectionState, ConnectOptions, User } from './types.ts'
import { UnsavedChanges } from './unsaved-changes.ts'

/** A browser that has not opened its own database by now (Safari sometimes never does) is not waited for. */
const COPY_TIMEOUT_MS = 3_000

/** Of a user's id and name in the URL; the server takes no more. */
const MAX_PARAM_LENGTH = 128

/** What `connect` makes, on a given device. */
export class SyncClient implements Client {
  readonly doc: Y.Doc
  readonly document: string
  readonly whenSynced: Promise<void>
  readonly whenReady: Promise<void>
  readonly #ownsDoc: boolean
  readonly #hasTabs: boolean
  readonly #events = new ObservableV2<ClientEvents>()
  readonly #unsaved: UnsavedChanges
  readonly #access: ClientAccess
  readonly #provider: WebsocketProvider
  readonly #storage: ServerStorage
  readonly #copy: DeviceCopy | null
  readonly #user: LocalUser
  readonly #stopListening: () => void
  #state: ClientState = {
    connection: { name: 'connecting' },
    synced: false,
    ready: false,
    access: null,
    writable: false,
    unsaved: 0,
    keptOnDevice: false,
    isFull: false,
    storageTrouble: null,
  }
  /** The copy is loaded or not waited for any longer: the provider may connect. */
  #hasBegun = false
  #isWanted = true
  #isDestroyed = false

  constructor(options: ConnectOptions, device: Device) {
    const { serverUrl, roomName } = addressOf(options.server ?? device.origin, options.document)
    const WebSocketClass = options.WebSocketPolyfill ?? device.WebSocket
    if (WebSocketClass === null) {
      throw new SyncError('invalid-request', 'There is no WebSocket class here; give one as `WebSocketPolyfill`.')
    }
    this.document = options.document
    this.doc = options.doc ?? new Y.Doc()
    this.#ownsDoc = options.doc === undefined
    this.#hasTabs = device.hasTabs
    this.whenSynced = new Promise((resolve) => this.#events.once('synced', () => resolve()))
    this.whenReady = new Promise((resolve) => this.#onceReady(resolve))

    this.#unsaved = new UnsavedChanges({
      doc: this.doc,
      isLoading: (origin) => !this.#hasBegun && this.#copy?.owns(origin) === true,
      onChange: () => this.#refresh(),
    })
    this.#access = new ClientAccess({ auth: options.auth ?? null, onChange: () => this.#refresh() })
    this.#provider = new WebsocketProvider(serverUrl, roomName, this.doc, {
      connect: false,
      disableBc: true,
      maxBackoffTime: MAX_BACKOFF_MS,
      shouldReconnect: ({ code }) => !isFinal(code),
      WebSocketPolyfill: socketClass({
        WebSocket: WebSocketClass,
        token: () => this.#access.takeToken(),
        onSend: (kind) => this.#unsaved.frameSent(kind),
      }),
    })
    this.#unsaved.watch(this.#provider)
    this.#storage = new ServerStorage(this.#provider, () => this.#refresh())
    this.#access.watch(this.#provider)
    renewPresence(this.#provider)
    // What a given document holds was not made on our watch; the server may lack all of it.
    if (this.doc.store.clients.size > 0) this.#unsaved.add(1)
    this.#user = new LocalUser(this.awareness, options.user ?? {}, () => device.loadUserId())
    this.#provider.params = paramsOf(this.user)
    this.#relayEvents()
    this.#stopListening = device.onNetworkChange((isOnline) => (isOnline ? this.#retry() : this.#drop()))

    const keepsCopy = options.offline !== false
    // While it loads nothing is said: what it holds is ready before what of it is unsaved has been counted.
    const onCopyChange = (): void => (this.#hasBegun ? this.#refresh() : undefined)
    this.#copy = keepsCopy ? device.openCopy(`weft ${serverUrl}/${roomName}`, this.doc, onCopyChange) : null
    // Not awaited: it does not reject, and what comes of it is in `state`.
    void this.#start()
  }

  get awareness(): Awareness {
    return this.#provider.awareness
  }

  get state(): ClientState {
    return this.#state
  }

  get status(): 'connected' | 'disconnected' | 'connecting' {
    if (this.#provider.wsconnected) return 'connected'
    return this.#provider.wsconnecting ? 'connecting' : 'disconnected'
  }

  get synced(): boolean {
    return this.#state.synced
  }

  get unsaved(): number {
    return this.#state.unsaved
  }

  get role(): Role | null {
    return this.#state.access?.role ?? null
  }

  get user(): User {
    return this.#user.value
  }

  setUser(user: Partial<User>): void {
    const { name } = this.user
    this.#user.change(user)
    this.#provider.params = paramsOf(this.user)
    // Who comes by a share link is shown, and recorded, by the name they connected with.
    if (this.user.name !== name && this.role !== null && this.#provider.wsconnected) this.#drop()
  }

  renewAccess(): void {
    if (this.#provider.wsconnected) this.#access.renew()
    else if (this.#isWanted) this.connect()
  }

  on<Name extends keyof ClientEvents>(name: Name, listener: ClientEvents[Name]): void {
    this.#events.on(name, listener)
  }

  off<Name extends keyof ClientEvents>(name: Name, listener: ClientEvents[Name]): void {
    this.#events.off(name, listener)
  }

  connect(): void {
    if (this.#isDestroyed) return
    this.#isWanted = true
    if (this.#hasBegun) this.#provider.connect()
    else this.#refresh({ name: 'connecting' })
  }

  disconnect(): void {
    this.#isWanted = false
    this.#provider.disconnect()
    this.#refresh(DISCONNECTED)
  }

  destroy(): void {
    if (this.#isDestroyed) return
    this.disconnect()
    this.#isDestroyed = true
    this.#stopListening()
    this.#unsaved.stop()
    this.#access.stop()
    this.#user.stop()
    this.#copy?.close()
    this.#provider.destroy()
    this.awareness.destroy()
    if (this.#ownsDoc) this.doc.destroy()
    this.#events.destroy()
  }

  /** The copy first: what it holds must be in the document when the server asks what the server lacks. */
  async #start(): Promise<void> {
    const copy = this.#copy
    if (copy !== null) {
      const timeout = setTimeout(() => this.#begin(), COPY_TIMEOUT_MS)
      await copy.whenLoaded
      clearTimeout(timeout)
      if (this.#isDestroyed) return
      // Loaded late, the content went out as a change of its own and was counted as one.
      if (!this.#hasBegun) this.#unsaved.add(copy.unsavedBefore)
      this.#access.remember(copy.roleBefore)
    }
    this.#begin()
    this.#refresh()
  }

  #begin(): void {
    if (this.#hasBegun || this.#isDestroyed) return
    this.#hasBegun = true
    if (this.#isWanted) this.#provider.connect()
  }

  /**
   * A socket without a network takes half a minute to be found dead and as long to close, and the status would say
   * "saving" all the while. Where the device is wrong, as with a server on the device itself, it connects again at once.
   */
  #drop(): void {
    // As a socket tells the provider that it is closed; null is what it takes for an end without a close event.
    const close = this.#provider.ws?.onclose as ((event: CloseEvent | null) => void) | null | undefined
    close?.(null)
  }

  #retry(): void {
    if (this.#hasBegun && this.#provider.shouldConnect) this.#provider.connect()
  }

  /** The state is renewed before anybody hears of the event that changed it. */
  #relayEvents(): void {
    const provider = this.#provider
    followConnection(provider, {
      onChange: (connection) => this.#refresh(connection),
      lacksToken: () => this.#access.lacksToken,
    })
    provider.on('status', (event) => this.#events.emit('status', [event]))
    provider.on('sync', (synced) => {
      if (synced) this.#copy?.markSynced()
      this.#refresh()
      this.#events.emit('synced', [synced])
      this.#events.emit('sync', [synced])
      if (synced) this.#joinTabs()
    })
    provider.on('connection-close', (event) => {
      this.#events.emit('connection-close', [event, provider])
      this.#joinTabs()
    })
    provider.on('connection-error', (event) => this.#events.emit('connection-error', [event, provider]))
    provider.on('closed', (event) => {
      // Opened next time without a network, the copy is for reading.
      if (event.code === CloseCode.forbidden) this.#copy?.markRole('viewer')
      this.#events.emit('closed', [event, provider])
    })
  }

  /**
   * Other tabs are heard once the server has been, or cannot be. Earlier, another tab would hand us the whole document
   * while the server does too, and it would count as one large change of ours.
   */
  #joinTabs(): void {
    if (!this.#hasTabs || !this.#provider.disableBc || !this.#provider.shouldConnect) return
    this.#provider.disableBc = false
    this.#provider.connectBc()
  }

  #refresh(connection: ConnectionState = this.#state.connection): void {
    const before = this.#state
    const synced = connection.name === 'live' && this.#provider.synced
    const ready = before.ready || synced || this.#copy?.wasSynced === true
    const unsaved = this.#unsaved.count
    // Before the copy is asked: a change that it was not told of is one that it has not to keep.
    if (unsaved !== before.unsaved) this.#copy?.markUnsaved(unsaved)
    this.#state = {
      connection,
      synced,
      ready,
      access: this.#access.current,
      writable: ready && this.#access.mayWrite,
      unsaved,
      keptOnDevice: this.#copy?.isKept === true,
      isFull: this.#unsaved.isFull,
      storageTrouble: this.#storage.trouble,
    }
    if (!isSame(this.#state, before)) this.#events.emit('state', [this.#state])
    this.#tellRole(before.access)
  }

  #tellRole(before: Access | null): void {
    const { access } = this.#state
    if (access === null || access.role === before?.role) return
    this.#copy?.markRole(access.role)
    this.#events.emit('role', [access.role, access.why])
  }

  #onceReady(resolve: () => void): void {
    const listener = (state: ClientState): void => {
      if (!state.ready) return
      this.#events.off('state', listener)
      resolve()
    }
    this.#events.on('state', listener)
  }
}

function isSame(left: ClientState, right: ClientState): boolean {
  return (
    left.connection === right.connection &&
    left.synced === right.synced &&
    left.ready === right.ready &&
    left.access === right.access &&
    left.writable === right.writable &&
    left.unsaved === right.unsaved &&
    left.keptOnDevice === right.keptOnDevice &&
    left.isFull === right.isFull &&
    left.storageTrouble === right.storageTrouble
  )
}

function paramsOf(user: User): Record<string, string> {
  return {
    [ClientParam.weft]: '1',
    [ClientParam.user]: paramOf(user.id),
    [ClientParam.name]: paramOf(user.name),
  }
}

/** Cut where the server would refuse, and well-formed, since half a surrogate pair cannot be written in a URL. */
function paramOf(text: string): string {
  return text.slice(0, MAX_PARAM_LENGTH).toWellFormed()
}
