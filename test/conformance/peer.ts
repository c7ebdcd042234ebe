/** One client on a raw WebSocket: what it says is up to the rule, and what it hears is kept until it is asked for. */
import { WebSocket } from 'ws'

/** How long a rule waits for what the server owes it. */
const PATIENCE_MS = 5_000

export class Peer {
  readonly #socket: WebSocket
  readonly #heard: Uint8Array[] = []
  readonly #waiting = new Set<() => void>()
  #closeCode: number | null = null

  private constructor(socket: WebSocket) {
    this.#socket = socket
    socket.on('message', (data: Buffer) => {
      this.#heard.push(new Uint8Array(data))
      this.#wake()
    })
    socket.on('close', (code) => {
      this.#closeCode = code
      this.#wake()
    })
    // A refused connection closes as well, which is what rules look at.
    socket.on('error', () => {})
  }

  /** Resolves when the handshake is done or refused. */
  static async dial(url: string): Promise<Peer> {
    const socket = new WebSocket(url)
    const peer = new Peer(socket)
    await new Promise<void>((resolve) => {
      socket.once('open', resolve)
      socket.once('close', () => resolve())
    })
    return peer
  }

  send(message: Uint8Array | string): void {
    this.#socket.send(message)
  }

  /**
   * The first thing `find` makes of a message, in the order they came; messages before it are gone. Rejects when
   * nothing comes in time.
   */
  async hear<Found>(what: string, find: (message: Uint8Array) => Found | null): Promise<Found> {
    const deadlineMs = Date.now() + PATIENCE_MS
    for (;;) {
      for (let message = this.#heard.shift(); message !== undefined; message = this.#heard.shift()) {
        const found = find(message)
        if (found !== null) return found
      }
      if (this.#closeCode !== null) throw new Error(`closed with ${this.#closeCode} instead of sending ${what}`)
      await this.#change(deadlineMs, `no ${what} within ${PATIENCE_MS} ms`)
    }
  }

  /** The code the server closes with. Rejects when it does not in time. */
  async closed(): Promise<number> {
    const deadlineMs = Date.now() + PATIENCE_MS
    while (this.#closeCode === null) await this.#change(deadlineMs, `still open after ${PATIENCE_MS} ms`)
    return this.#closeCode
  }

  leave(): void {
    this.#socket.close()
  }

  /** Goes without a word, as when the cable is pulled. */
  vanish(): void {
    this.#socket.terminate()
  }

  #change(deadlineMs: number, complaint: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(complaint)), Math.max(0, deadlineMs - Date.now()))
      this.#waiting.add(() => {
        clearTimeout(timer)
        resolve()
      })
    })
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve()
    this.#waiting.clear()
  }
}
