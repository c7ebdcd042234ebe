/** A connection whose messages are looked at by hand: nothing is sent anywhere, nothing happens by itself. */
import type { Connection, Framing } from '../../server/ports/connection.ts'
import { packUpdates, unpackUpdates } from '../../shared/update/pack.ts'

const framing: Framing = { frame: (messages) => packUpdates(messages) }

export class FakeConnection implements Connection {
  readonly framing = framing
  /** Set by a test to play a socket that does not keep up. */
  bufferedBytes = 0
  /** How often the session wrote: several messages in one write count once. */
  writes = 0
  closed: { readonly code: number; readonly reason: string } | null = null
  readonly #messages: Uint8Array[] = []
  readonly #drainCallbacks: (() => void)[] = []

  write(framed: Uint8Array): void {
    this.writes++
    this.#messages.push(...unpackUpdates(framed))
  }

  writeOnce(message: Uint8Array): void {
    this.write(framing.frame([message]))
    message.fill(0)
  }

  whenDrained(callback: () => void): void {
    this.#drainCallbacks.push(callback)
  }

  close(code: number, reason: string): void {
    this.closed ??= { code, reason }
  }

  /** The messages since the last call. */
  take(): Uint8Array[] {
    return this.#messages.splice(0)
  }

  /** The socket has taken everything. */
  drain(): void {
    this.bufferedBytes = 0
    for (const callback of this.#drainCallbacks.splice(0)) callback()
  }
}
