/**
 * One document open in one element: the client, the editing surface on it, and what the element tells the outside.
 *
 * It knows nothing of how the chrome looks; whatever changes, it asks for a redraw.
 */
import { connect } from '../client/connect.ts'
import type { Client, ClientState, ConnectionState, ConnectOptions, User } from '../client/types.ts'
import { emit } from './events.ts'
import { shareIdleness } from './idle.ts'
import { peopleIn, type Person } from './presence.ts'
import { describeFailure, describeTrouble, type Notice, type NoticeCircumstances } from './notices.ts'
import { describeRefusal, describeStatus, type Status } from './status.ts'
import { SteadyState } from './steady-state.ts'
import { mountEditor } from './surface/mount.ts'
import type { EditingSurface } from './types.ts'

/** A restart of the server or a change of network is over by then and not worth a banner. */
const TROUBLE_AFTER_MS = 3_000

/** Pixels at the edges of the window where the caret must not be left. */
const COVERED = { top: 112, bottom: 64, left: 0, right: 0 }

export type Mode = 'edit' | 'view'

/** Everything that is said about a document's state at one moment. */
export interface Said {
  readonly status: Status
  readonly banner: Notice | null
  /** Stands where the text would be. */
  readonly failure: Notice | null
}

export interface SessionOptions extends Omit<ConnectOptions, 'doc' | 'WebSocketPolyfill'> {
  /** The element that becomes the editable text. */
  readonly place: HTMLElement
  readonly label: string
  readonly placeholder: string
  readonly mode: Mode
  /** Where the element's events are sent from. */
  readonly target: EventTarget
  /** Something that is drawn has changed. */
  readonly onUpdate: () => void
}

export class Session {
  readonly client: Client
  readonly surface: EditingSurface
  readonly #options: SessionOptions
  readonly #stops: (() => void)[] = []
  #mode: Mode
  #people: readonly Person[] = []
  #state: ClientState
  readonly #told: SteadyState
  #awaySinceMs: number | null
  /** Being sent away is told until something comes of trying again: the tries alone would make the words flicker. */
  #refusal: ConnectionState | null = null

  constructor(options: SessionOptions) {
    this.#options = options
    this.#mode = options.mode
    this.client = connect(options)
    this.#state = this.client.state
    this.#told = new SteadyState(this.#state, Date.now())
    this.#awaySinceMs = this.#state.connection.name === 'live' ? null : Date.now()
    this.surface = this.#mount(options)
    // Header and toolbar lie over the text at its edges, in one arrangement or the other.
    this.surface.view.setProps({ scrollThreshold: COVERED, scrollMargin: COVERED })
    this.#listen()
    if (this.#state.ready) emit(options.target, 'weft-ready', { client: this.client })
  }

  get state(): ClientState {
    return this.#state
  }

  get people(): readonly Person[] {
    return this.#people
  }

  /** Whether the person can type: neither the embedder nor the server minds, and it would not be in vain. */
  get isEditable(): boolean {
    return this.#mode === 'edit' && this.#state.writable
  }

  /** What to say about the connection. Banner and failure wait until the trouble has lasted. */
  describe(circumstances: Omit<NoticeCircumstances, 'mode'>): Said {
    const state = { ...this.#told.at(circumstances.nowMs), connection: this.#refusal ?? this.#state.connection }
    const here = { ...circumstances, mode: this.#mode }
    const isLasting = this.#awaySinceMs !== null && here.nowMs - this.#awaySinceMs >= TROUBLE_AFTER_MS
    const isTold =
      isLasting || state.connection.name === 'stopped' || state.connection.name === 'live' || isRefused(state)
    return {
      status: describeStatus(state, here),
      banner: isTold && state.ready ? describeTrouble(state, here) : null,
      failure: isTold ? describeFailure(state, here) : null,
    }
  }

  setMode(mode: Mode): void {
    this.#mode = mode
    this.surface.setEditable(this.isEditable)
  }

  setUser(user: Partial<User>): void {
    this.client.setUser(user)
  }

  /** Scrolls to the caret of `person` in whichever of their tabs has one. */
  goTo(person: Person): boolean {
    return person.clientIds.some((clientId) => this.surface.goToCaret(clientId))
  }

  destroy(): void {
    for (const stop of this.#stops) stop()
    this.surface.destroy()
    this.client.destroy()
  }

  #mount({ place, label, placeholder, onUpdate }: SessionOptions): EditingSurface {
    const { doc, awareness } = this.client
    try {
      return mountEditor({
        place,
        doc,
        awareness,
        editable: this.isEditable,
        label,
        placeholder,
        onChange: onUpdate,
        onError: (error) => this.#report('editor', error instanceof Error ? error.message : String(error)),
      })
    } catch (error) {
      // Nobody would be left to end the connection.
      this.client.destroy()
      throw error
    }
  }

  #listen(): void {
    const { client } = this
    const { target, onUpdate } = this.#options

    const takeState = (state: ClientState): void => this.#takeState(state)
    client.on('state', takeState)

    const takePeople = (): void => {
      this.#people = peopleIn(client.awareness.getStates(), client.awareness.clientID)
      emit(target, 'weft-presence', { people: this.#people })
      onUpdate()
    }
    client.awareness.on('change', takePeople)

    const tellChange = (_update: Uint8Array, _origin: unknown, _doc: unknown, transaction: { local: boolean }): void =>
      emit(target, 'weft-change', { isLocal: transaction.local })
    client.doc.on('update', tellChange)

    this.#stops.push(
      () => client.off('state', takeState),
      () => client.awareness.off('change', takePeople),
      () => client.doc.off('update', tellChange),
      shareIdleness(client.awareness),
    )
    takePeople()
  }

  #takeState(state: ClientState): void {
    const before = this.#state
    const { target, onUpdate } = this.#options
    this.#state = state
    this.#told.take(state, Date.now())
    this.#awaySinceMs = state.connection.name === 'live' ? null : (this.#awaySinceMs ?? Date.now())
    this.surface.setEditable(this.isEditable)
    if (isRefused(state)) this.#refusal = state.connection
    else if (state.synced || state.access !== before.access || !isTrying(state)) this.#refusal = null
    if (state.access !== before.access || state.writable !== before.writable) {
      const { access, writable } = state
      emit(target, 'weft-access', { role: access?.role ?? null, why: access?.why ?? null, writable })
    }
    if (state.ready && !before.ready) emit(target, 'weft-ready', { client: this.client })
    if (state.synced !== before.synced || state.unsaved !== before.unsaved) {
      emit(target, 'weft-sync', { synced: state.synced, unsaved: state.unsaved })
    }
    const { connection } = state
    if (connection.name === 'stopped' && before.connection.name !== 'stopped') {
      this.#report(`closed-${connection.code}`, connection.reason)
    }
    onUpdate()
  }

  #report(code: string, message: string): void {
    emit(this.#options.target, 'weft-error', { code, message })
  }
}

function isRefused({ connection }: ClientState): boolean {
  return connection.name === 'waiting' && describeRefusal(connection.code, connection.reason) !== null
}

function isTrying({ connection }: ClientState): boolean {
  return connection.name === 'connecting' || connection.name === 'live'
}
