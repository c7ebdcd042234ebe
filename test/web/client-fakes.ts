/**
 * What the client tests run on: sockets whose every event is given by hand, a device whose copy is loaded by hand, and
 * the frames a server would send.
 */
import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'
import { vi } from 'vitest'
import { writeSyncStep2, writeUpdate } from 'y-protocols/sync'
import * as Y from 'yjs'
import { type AccessReason, MessageType, Subprotocol, SyncType } from '../../shared/protocol.ts'
import type { Role } from '../../shared/roles.ts'
import { SyncClient } from '../../web/client/client.ts'
import type { Device } from '../../web/client/device.ts'
import type { DeviceCopy } from '../../web/client/device-copy.ts'
import type { ConnectOptions } from '../../web/client/types.ts'

/** One end of a socket; the test is the other. */
export class FakeSocket {
  readonly OPEN = 1
  readonly url: string
  readonly protocols: readonly string[]
  readonly sent: Uint8Array[] = []
  readyState = 0
  binaryType = 'blob'
  onopen: ((event: unknown) => void) | null = null
  onmessage: ((event: { data: ArrayBuffer }) => void) | null = null
  onerror: ((event: unknown) => void) | null = null
  onclose: ((event: { code: number; reason: string }) => void) | null = null

  constructor(url: string, protocols: readonly string[]) {
    this.url = url
    this.protocols = protocols
  }

  get query(): URLSearchParams {
    return new URL(this.url).searchParams
  }

  /** The sync step 2 and update messages sent, in order. */
  get counted(): Uint8Array[] {
    return this.sent.filter((frame) => frame[0] === MessageType.sync && frame[1] !== SyncType.step1)
  }

  /** The token offered as a subprotocol; null without one. */
  get token(): string | null {
    const prefix = Subprotocol.tokenPrefix
    return this.protocols.find((protocol) => protocol.startsWith(prefix))?.slice(prefix.length) ?? null
  }

  /** The tokens sent in messages, in order. */
  get tokensSent(): string[] {
    return this.sent
      .filter((frame) => frame[0] === MessageType.token)
      .map((frame) => decoding.readVarString(decoding.createDecoder(frame.subarray(1))))
  }

  send(frame: Uint8Array): void {
    this.sent.push(frame.slice())
  }

  close(): void {
    this.readyState = 3
  }

  open(): void {
    this.readyState = 1
    this.onopen?.({})
  }

  receive(...frames: readonly Uint8Array[]): void {
    for (const frame of frames) this.onmessage?.({ data: frame.slice().buffer })
  }

  /** The connection ends; 1006 is what a browser reports for one that broke. */
  drop(code = 1006, reason = ''): void {
    this.readyState = 3
    this.onclose?.({ code, reason })
  }
}

/** A copy whose loading ends when the test says so. */
export class FakeCopy implements DeviceCopy {
  readonly whenLoaded: Promise<void>
  readonly marks: (number | 'synced')[] = []
  readonly roles: Role[] = []
  isKept = false
  wasSynced = false
  unsavedBefore = 0
  roleBefore: Role | null = null
  isClosed = false
  /** What is marked as unsaved is on its way until `setKept`. */
  isSlow = false
  readonly name: string
  readonly #doc: Y.Doc
  readonly #onChange: () => void
  #resolve = (): void => undefined

  constructor(name: string, doc: Y.Doc, onChange: () => void) {
    this.name = name
    this.#doc = doc
    this.#onChange = onChange
    this.whenLoaded = new Promise((resolve) => (this.#resolve = resolve))
  }

  owns(origin: unknown): boolean {
    return origin === this
  }

  markSynced(): void {
    this.marks.push('synced')
  }

  markUnsaved(count: number): void {
    if (this.isSlow) this.isKept = false
    this.marks.push(count)
  }

  markRole(role: Role): void {
    this.roles.push(role)
  }

  close(): void {
    this.isClosed = true
  }

  async load({ content, wasSynced = false, unsavedBefore = 0, roleBefore = null }: CopyContent = {}): Promise<void> {
    if (content !== undefined) this.apply(content)
    this.wasSynced = wasSynced
    this.unsavedBefore = unsavedBefore
    this.roleBefore = roleBefore
    this.setKept(true)
    this.#resolve()
    await settle()
  }

  /** Content that comes out of the copy, at any time. */
  apply(content: Uint8Array): void {
    Y.applyUpdate(this.#doc, content, this)
  }

  setKept(isKept: boolean): void {
    this.isKept = isKept
    this.#onChange()
  }
}

export interface CopyContent {
  readonly content?: Uint8Array
  readonly wasSynced?: boolean
  readonly unsavedBefore?: number
  readonly roleBefore?: Role | null
}

export interface Bench {
  readonly client: SyncClient
  /** Every socket the client made, oldest first. */
  readonly sockets: readonly FakeSocket[]
  readonly copies: readonly FakeCopy[]
  /** The newest socket. */
  readonly socket: () => FakeSocket
  readonly copy: () => FakeCopy
  readonly goOnline: () => void
  readonly goOffline: () => void
}

/** A client on fakes. Without `hasCopy` there is no copy to wait for; `hasTabs` lets it hear other clients of the test. */
export async function bench(
  options: Partial<ConnectOptions> = {},
  { hasCopy = false, hasTabs = false, origin = null as string | null } = {},
): Promise<Bench> {
  const sockets: FakeSocket[] = []
  const copies: FakeCopy[] = []
  const networkListeners = new Set<(isOnline: boolean) => void>()
  class Socket extends FakeSocket {
    constructor(url: string, protocols: readonly string[]) {
      super(url, protocols)
      sockets.push(this)
    }
  }
  const device: Device = {
    origin,
    hasTabs,
    WebSocket: Socket as unknown as typeof WebSocket,
    openCopy(name, doc, onChange) {
      if (!hasCopy) return null
      const copy = new FakeCopy(name, doc, onChange)
      copies.push(copy)
      return copy
    },
    loadUserId: () => 'somebody',
    onNetworkChange(listener) {
      networkListeners.add(listener)
      return () => networkListeners.delete(listener)
    },
  }
  const client = new SyncClient({ server: 'http://weft.test', document: 'plan', ...options }, device)
  await settle()
  return {
    client,
    sockets,
    copies,
    socket: () => last(sockets),
    copy: () => last(copies),
    goOnline: () => networkListeners.forEach((listener) => listener(true)),
    goOffline: () => networkListeners.forEach((listener) => listener(false)),
  }
}

/** Lets promises run; timers stand still. To be used with fake timers. */
export async function settle(): Promise<void> {
  await vi.advanceTimersByTimeAsync(0)
}

/** What the server sends. `server` is the document as the server has it. */
export const frames = {
  step1: (server: Y.Doc) =>
    encoding.encode((encoder) => {
      encoding.writeVarUint(encoder, MessageType.sync)
      encoding.writeVarUint(encoder, SyncType.step1)
      encoding.writeVarUint8Array(encoder, Y.encodeStateVector(server))
    }),
  step2: (server: Y.Doc) =>
    encoding.encode((encoder) => {
      encoding.writeVarUint(encoder, MessageType.sync)
      writeSyncStep2(encoder, server)
    }),
  update: (update: Uint8Array) =>
    encoding.encode((encoder) => {
      encoding.writeVarUint(encoder, MessageType.sync)
      writeUpdate(encoder, update)
    }),
  saved: (count: number, seq = 1) =>
    encoding.encode((encoder) => {
      encoding.writeVarUint(encoder, MessageType.saved)
      encoding.writeVarUint(encoder, count)
      encoding.writeVarUint(encoder, seq)
    }),
  access: (role: Role, why: AccessReason = 'joined', expiresInMs: number | null = null) =>
    encoding.encode((encoder) => {
      encoding.writeVarUint(encoder, MessageType.access)
      encoding.writeVarString(encoder, JSON.stringify({ role, expiresInMs, why }))
    }),
  wantToken: () => encoding.encode((encoder) => encoding.writeVarUint(encoder, MessageType.token)),
  refused: (frame: number, reason = 'read-only') =>
    encoding.encode((encoder) => {
      encoding.writeVarUint(encoder, MessageType.refused)
      encoding.writeVarUint(encoder, frame)
      encoding.writeVarString(encoder, reason)
    }),
}

/** Opens the newest socket and takes it through the handshake with an empty server. */
export function handshake({ socket }: Bench, server = new Y.Doc()): FakeSocket {
  const opened = socket()
  opened.open()
  opened.receive(frames.step1(server), frames.step2(server))
  return opened
}

/** One change: `text` at the end of the text. */
export function type(doc: Y.Doc, text: string): void {
  const target = doc.getText('content')
  target.insert(target.length, text)
}

/** A document of somebody else that holds `text`, as an update. */
export function contentOf(text: string): Uint8Array {
  const doc = new Y.Doc()
  type(doc, text)
  return Y.encodeStateAsUpdate(doc)
}

/** The update inside a sync step 2 or update message. */
export function updateIn(frame: Uint8Array | undefined): Uint8Array {
  if (frame === undefined) throw new Error('No such frame.')
  const doc = new Y.Doc()
  // Two bytes of types, then the length-prefixed update.
  let at = 2
  while ((frame[at] ?? 0) >= 0x80) at++
  Y.applyUpdate(doc, frame.subarray(at + 1))
  return frame.subarray(at + 1)
}

/** `updates` applied to a new document, as text. */
export function textOf(...updates: readonly Uint8Array[]): string {
  const doc = new Y.Doc()
  for (const update of updates) Y.applyUpdate(doc, update)
  return doc.getText('content').toJSON()
}

function last<Item>(items: readonly Item[]): Item {
  const item = items.at(-1)
  if (item === undefined) throw new Error('There is none yet.')
  return item
}
