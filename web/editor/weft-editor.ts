/**
 * `<weft-editor document="plan">`: the embeddable editor.
 *
 * The chrome lives in the shadow root; the editable text is a slotted child in the light DOM, because WebKit's selections do
 * not work inside shadow roots, unless `isolated` asks for it to be inside. This file knows attributes and layout; the
 * document, its connection and its surface are the session's.
 */
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { asSyncError } from '../../shared/errors.ts'
import type { Auth, Client, User } from '../client/types.ts'
import { emit } from './events.ts'
import { Announcer } from './parts/announcer.ts'
import { Avatars } from './parts/avatars.ts'
import { renderBody } from './parts/body.ts'
import { renderFrame } from './parts/frame.ts'
import { Outline } from './parts/outline.ts'
import { FULL_TOOLBAR, MINIMAL_TOOLBAR } from './parts/toolbar-items.ts'
import { Toolbar } from './parts/toolbar.ts'
import { Session, type Mode, type Said } from './session.ts'
import type { NoticeAction } from './endings.ts'
import { type Notice, neverOpened } from './notices.ts'
import { scriptOrigin } from './script-origin.ts'
import { describeStatus } from './status.ts'
import { adoptStyles } from '../look/adopt.ts'
import { chrome } from './styles/chrome.ts'
import { controls } from '../look/controls.ts'
import { frame } from './styles/frame.ts'
import { tokens } from '../look/tokens.ts'
import { contentStyles } from './surface/content-css.ts'
import type { CommandName, CommandValue } from './types.ts'
import { deviceStorage, loadVisitorName, saveVisitorName } from './visitor.ts'

/** Frameworks move elements by taking them out and putting them back, at most a frame or two later. */
const TEARDOWN_DELAY_MS = 100

/** Changes of these open another session; all others apply to the one that is open. */
const SESSION_PROPERTIES = ['server', 'document', 'offline', 'isolated'] as const

export class WeftEditor extends LitElement {
  static override readonly styles = [tokens, controls, chrome, frame]

  static override readonly properties = {
    server: {},
    document: {},
    token: {},
    auth: { attribute: false },
    user: { attribute: false },
    name: {},
    color: {},
    mode: { reflect: true },
    theme: { reflect: true },
    toolbar: { reflect: true },
    placeholder: {},
    offline: {},
    announce: {},
    isolated: { type: Boolean, reflect: true },
    outline: { type: Boolean, reflect: true },
    askAccess: { type: Boolean, attribute: 'ask-access' },
  }

  /** Base URL of the server; where this script came from when not given. */
  declare server: string | null
  /** The document's name. Nothing is opened while it is null or empty. */
  declare document: string | null
  /** Sent with every connection, and at once when it changes; `auth` wins over it. */
  declare token: string | null
  /** Gives a token for every connection, and a fresh one when the server asks. */
  declare auth: Auth | null
  /** Who the person is; `name` and `color` win over its parts. */
  declare user: Partial<User> | null
  declare name: string | null
  declare color: string | null
  declare mode: Mode
  declare theme: 'auto' | 'light' | 'dark'
  declare toolbar: 'full' | 'minimal' | 'none'
  declare placeholder: string
  /** `off` keeps no copy on the device. */
  declare offline: 'on' | 'off'
  /** `off` silences the live region. */
  declare announce: 'on' | 'off'
  declare isolated: boolean
  /** Shows the headings beside the text where there is room. */
  declare outline: boolean
  /** Offers to ask for access, with the event `weft-ask-access`. */
  declare askAccess: boolean

  readonly #toolbar = new Toolbar(this)
  readonly #avatars = new Avatars(this)
  readonly #outline = new Outline(this)
  readonly #announcer = new Announcer(this)
  #session: Session | null = null
  #place: HTMLElement | null = null
  /** Why no session could be opened. */
  #refusal: Notice | null = null
  #said: Said = this.#describe()
  #awaitsFocus = false
  #teardown: ReturnType<typeof setTimeout> | undefined
  #tick: ReturnType<typeof setTimeout> | undefined

  constructor() {
    super()
    this.server = null
    this.document = null
    this.token = null
    this.auth = null
    this.user = null
    this.name = null
    this.color = null
    this.mode = 'edit'
    this.theme = 'auto'
    this.toolbar = 'full'
    this.placeholder = 'Start writing…'
    this.offline = 'on'
    this.announce = 'on'
    this.isolated = false
    this.outline = false
    this.askAccess = false
    this.addEventListener('keydown', this.#onKeyDown)
  }

  /** The open connection and document; null before the first update and while no document is named. */
  get client(): Client | null {
    return this.#session?.client ?? null
  }

  /** Puts the caret where it was in the text. */
  override focus(): void {
    this.#session?.surface.focus()
  }

  /** Runs a command at the selection. False when it cannot run there. */
  exec(command: CommandName, value?: CommandValue): boolean {
    return this.#session?.surface.exec(command, value) ?? false
  }

  can(command: CommandName, value?: CommandValue): boolean {
    return this.#session?.surface.can(command, value) ?? false
  }

  /** The text, one line per block; empty while no document is open. */
  getText(): string {
    return this.#session?.surface.getText() ?? ''
  }

  override connectedCallback(): void {
    super.connectedCallback()
    clearTimeout(this.#teardown)
    window.addEventListener('online', this.#redraw)
    window.addEventListener('offline', this.#redraw)
    this.#adoptContentStyles()
    if (this.hasUpdated && this.#session === null) this.#open()
    // The text may now be in another root, and selections are asked of roots.
    this.#session?.surface.view.updateRoot()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    window.removeEventListener('online', this.#redraw)
    window.removeEventListener('offline', this.#redraw)
    clearTimeout(this.#tick)
    this.#teardown = setTimeout(() => this.#close(), TEARDOWN_DELAY_MS)
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (SESSION_PROPERTIES.some((property) => changed.has(property))) this.#open()
    else this.#apply(changed)

    const { status: before } = this.#said
    this.#said = this.#describe()
    const { status } = this.#said
    if (status.words !== before.words || status.tone !== before.tone) emit(this, 'weft-status', status)
  }

  protected override updated(): void {
    const session = this.#session
    if (session === null) return
    this.#place?.toggleAttribute('inert', !session.state.ready)
    if (this.#awaitsFocus && session.state.ready) {
      this.#awaitsFocus = false
      session.surface.focus()
    }
    if (this.announce !== 'off') {
      this.#announcer.note({
        people: session.people,
        trouble: (this.#said.banner ?? this.#said.failure)?.title ?? null,
        mayEdit: session.isEditable,
      })
    }
    clearTimeout(this.#tick)
    // Count-downs and "for a while now" go on without news from the connection.
    if (session.state.connection.name !== 'live') this.#tick = setTimeout(this.#redraw, 1_000)
  }

  protected override render(): TemplateResult {
    const hasHeader = this.querySelector(':scope > [slot^="header"]') !== null
    return renderFrame({
      hasHeader,
      toolbar: this.#hasToolbar ? this.#renderToolbar() : null,
      said: this.#said,
      people: this.#renderPeople(),
      body: html`${this.#renderBody()}${this.#announcer.render()}`,
      onAction: this.#act,
      onSlotChange: this.#redraw,
    })
  }

  /** Nobody is shown what they may not use; while it loads, that is not known. */
  get #hasToolbar(): boolean {
    if (this.toolbar === 'none' || this.mode !== 'edit' || this.#said.failure !== null) return false
    return this.#session === null || !this.#session.state.ready || this.#session.isEditable
  }

  #renderToolbar(): TemplateResult {
    return this.#toolbar.render({
      surface: this.#session?.surface ?? null,
      items: this.toolbar === 'minimal' ? MINIMAL_TOOLBAR : FULL_TOOLBAR,
      isEditable: this.#session?.isEditable === true,
    })
  }

  #renderPeople(): TemplateResult | typeof nothing {
    const session = this.#session
    if (session === null) return nothing
    return this.#avatars.render({
      people: session.people,
      onGo: (person) => session.goTo(person),
      onRename: this.#isNamed ? null : this.#rename,
    })
  }

  #renderBody(): TemplateResult {
    const session = this.#session
    const isReady = session?.state.ready === true
    return renderBody({
      outline: this.#outline.render(this.outline && isReady ? session.surface : null),
      text: this.isolated ? this.#place : html`<slot name="text"></slot>`,
      isReady,
      isEmpty: isReady && session.surface.isEmpty,
      failure: this.#said.failure,
      onAction: this.#act,
    })
  }

  #open(): void {
    this.#close()
    if (!this.document) {
      this.#refusal = neverOpened('No document', 'This editor was not told which document to open.')
      return
    }
    this.#refusal = null
    this.#awaitsFocus = this.autofocus
    this.#adoptContentStyles()
    this.#place = this.#makePlace()
    try {
      this.#session = new Session({
        server: this.server ?? scriptOrigin(),
        document: this.document,
        // Even without a token: one that comes later must not cost the session.
        auth: () => this.auth?.() ?? this.token ?? '',
        user: this.#whoIAm(),
        offline: this.offline !== 'off',
        place: this.#place,
        label: this.ariaLabel ?? 'Document',
        placeholder: this.placeholder,
        mode: this.mode,
        target: this,
        onUpdate: this.#redraw,
      })
    } catch (thrown) {
      // The edge of the session: an attribute that cannot work is the embedder's to see, and no reason to break their page.
      const { code, message } = asSyncError(thrown, 'invalid-request')
      this.#refusal = neverOpened('The document could not be opened', message)
      emit(this, 'weft-error', { code, message })
    }
  }

  #apply(changed: PropertyValues<this>): void {
    if (changed.has('mode')) this.#session?.setMode(this.mode)
    if (changed.has('name') || changed.has('color') || changed.has('user')) this.#session?.setUser(this.#whoIAm())
    if (changed.has('token') || changed.has('auth')) this.#session?.client.renewAccess()
  }

  #close(): void {
    this.#announcer.stop()
    this.#session?.destroy()
    this.#session = null
    this.#place?.remove()
    this.#place = null
  }

  #makePlace(): HTMLElement {
    const place = document.createElement('div')
    place.slot = 'text'
    place.spellcheck = this.spellcheck
    if (!this.isolated) this.append(place)
    return place
  }

  #adoptContentStyles(): void {
    const root = this.isolated ? this.renderRoot : this.getRootNode()
    if (root instanceof Document || root instanceof ShadowRoot) adoptStyles(root, contentStyles)
  }

  #describe(): Said {
    const here = { nowMs: Date.now(), isOnline: navigator.onLine, canAsk: this.askAccess }
    if (this.#session !== null) return this.#session.describe(here)
    return { status: describeStatus(null, { ...here, mode: this.mode }), banner: null, failure: this.#refusal }
  }

  /** Whether the embedder said what the person is called. */
  get #isNamed(): boolean {
    return Boolean(this.name ?? this.user?.name)
  }

  #whoIAm(): Partial<User> {
    const name = this.name ?? this.user?.name ?? loadVisitorName(deviceStorage())
    return { ...this.user, name, ...(this.color === null ? {} : { color: this.color }) }
  }

  readonly #rename = (name: string): void => {
    saveVisitorName(deviceStorage(), name)
    this.#session?.setUser({ name })
  }

  readonly #act = (action: NoticeAction): void => {
    const client = this.#session?.client
    if (action === 'reload') location.reload()
    else if (action === 'reconnect') client?.connect()
    else emit(this, 'weft-ask-access', { document: this.document ?? '', role: client?.role ?? null })
  }

  readonly #redraw = (): void => this.requestUpdate()

  readonly #onKeyDown = (event: KeyboardEvent): void => {
    if (event.altKey && event.key === 'F10') this.#toolbar.focus()
    else if ((event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === 'k') {
      this.#toolbar.editLink(this.#session?.surface ?? null)
    } else return
    event.preventDefault()
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'weft-editor': WeftEditor
  }
}
