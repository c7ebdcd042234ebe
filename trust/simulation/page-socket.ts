/** The WebSocket class of a page: its connections are cables. */
import type { Life, VirtualClock } from './clock.ts'
import type { Cable, PageListener } from './network.ts'

/** Where a page's sockets lead. */
export interface Dial {
  /** Connects `url` with whoever listens; null when nobody can be reached. */
  (url: string, page: { readonly life: Life; readonly listener: PageListener }): Cable | null
}

const CONNECTING = 0
const OPEN = 1
const CLOSED = 3

/** RFC 6455's code for a connection that ended without a word. */
const WITHOUT_A_WORD = 1006

/** How long it takes to find out that nobody can be reached. */
const REFUSED_AFTER_MS = 20

/** A class for `WebSocketPolyfill`, for the page that `life` is. */
export function pageSocket(clock: VirtualClock, life: Life, dial: Dial): typeof WebSocket {
  /** What the client uses of a browser's class. */
  class PageSocket {
    binaryType: BinaryType = 'arraybuffer'
    readyState = CONNECTING
    onopen: ((event: unknown) => void) | null = null
    onmessage: ((event: { readonly data: Uint8Array }) => void) | null = null
    onerror: ((event: unknown) => void) | null = null
    onclose: ((event: { readonly code: number; readonly reason: string }) => void) | null = null
    readonly #cable: Cable | null

    constructor(url: string) {
      this.#cable = dial(url, {
        life,
        listener: {
          opened: () => {
            if (this.readyState !== CONNECTING) return
            this.readyState = OPEN
            this.onopen?.({})
          },
          message: (data) => {
            if (this.readyState === OPEN) this.onmessage?.({ data })
          },
          closed: (code, reason) => this.#closed(code, reason),
        },
      })
      if (this.#cable === null) clock.in(REFUSED_AFTER_MS, life, () => this.#closed(WITHOUT_A_WORD, ''))
    }

    send(bytes: Uint8Array): void {
      if (this.readyState === OPEN) this.#cable?.say(bytes)
    }

    close(): void {
      if (this.readyState === CLOSED) return
      this.#cable?.leave()
      // Nobody listens to what a page has closed itself.
      this.readyState = CLOSED
    }

    #closed(code: number, reason: string): void {
      if (this.readyState === CLOSED) return
      this.readyState = CLOSED
      if (code === WITHOUT_A_WORD) this.onerror?.({})
      this.onclose?.({ code, reason })
    }
  }
  // The client touches only the members that are here.
  return PageSocket as unknown as typeof WebSocket
}
