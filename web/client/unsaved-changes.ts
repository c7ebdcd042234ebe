/**
 * Which changes of a document the server has yet to save: listens to the document, to what the provider sends and to
 * the
 * server's `saved` and `refused` messages. It knows nothing of the connection's state or the device.
 *
 * What counts: every update that did not come from the server or out of the device's copy while that loads. An update
 * from another tab counts too and is passed on to the server, so that nothing depends on that tab living long enough
 * to deliver it.
 */
import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'
import { writeUpdate } from 'y-protocols/sync'
import type { WebsocketProvider } from 'y-websocket'
import type * as Y from 'yjs'
import { MessageType } from '../../shared/protocol.ts'
import { SaveTracker } from './save-tracker.ts'
import { onServerMessage } from './server-messages.ts'
import type { CountedFrame } from './socket.ts'

/** `WebSocket.OPEN`, where there may be no global `WebSocket`. */
const OPEN = 1

export interface UnsavedChangesOptions {
  readonly doc: Y.Doc
  /** Whether an update with this transaction origin is content being loaded, not a change. */
  readonly isLoading: (origin: unknown) => boolean
  /** `count` may have changed. */
  readonly onChange: () => void
}

/** To be made before the provider, whose listener must come second: a change is counted before it is sent. */
export class UnsavedChanges {
  readonly #options: UnsavedChangesOptions
  readonly #tracker = new SaveTracker()
  #provider: WebsocketProvider | null = null
  #isReadingTab = false
  #isFull = false

  constructor(options: UnsavedChangesOptions) {
    this.#options = options
    options.doc.on('update', this.#onUpdate)
  }

  get count(): number {
    return this.#tracker.unsaved
  }

  /** The server has refused some of them because the document is full, and has not taken them since. */
  get isFull(): boolean {
    return this.#isFull
  }

  /** Adds changes of an earlier session, which the document holds already. */
  add(count: number): void {
    this.#tracker.changed(count)
  }

  /** A frame left for the server. */
  frameSent(kind: CountedFrame): void {
    if (kind === 'step2') this.#tracker.sentStep2()
    else this.#tracker.sentUpdate()
  }

  /** Takes over three of the provider's message handlers and follows its connections. */
  watch(provider: WebsocketProvider): void {
    this.#provider = provider
    const readSync = provider.messageHandlers[MessageType.sync]
    provider.messageHandlers[MessageType.sync] = (...message) => {
      const [, , , isFromServer] = message
      this.#isReadingTab = !isFromServer
      try {
        readSync?.(...message)
      } finally {
        this.#isReadingTab = false
      }
    }
    onServerMessage(provider, MessageType.saved, (decoder) => {
      this.#tracker.saved(decoding.readVarUint(decoder))
      if (this.count === 0) this.#isFull = false
      this.#options.onChange()
    })
    onServerMessage(provider, MessageType.refused, (decoder) => {
      this.#tracker.refused(decoding.readVarUint(decoder))
      if (decoding.readVarString(decoder) === 'document-full') this.#isFull = true
      this.#options.onChange()
    })
    provider.on('connection-close', () => {
      this.#tracker.restart()
      // The next connection refuses them again, or has room.
      this.#isFull = false
    })
  }

  stop(): void {
    this.#options.doc.off('update', this.#onUpdate)
  }

  readonly #onUpdate = (update: Uint8Array, origin: unknown): void => {
    const isFromTab = this.#isReadingTab && origin === this.#provider
    const isFromServer = !this.#isReadingTab && origin === this.#provider
    if (isFromServer || this.#options.isLoading(origin)) return
    this.#tracker.changed()
    if (isFromTab) this.#passOn(update)
    this.#options.onChange()
  }

  #passOn(update: Uint8Array): void {
    const socket = this.#provider?.ws
    if (socket?.readyState !== OPEN) return
    socket.send(
      encoding.encode((encoder) => {
        encoding.writeVarUint(encoder, MessageType.sync)
        writeUpdate(encoder, update)
      }),
    )
  }
}
