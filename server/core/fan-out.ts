/**
 * One buffer per kind of reader, one write per reader.
 *
 * Most of what relays cost is the system call of each write, so everything one commit brings is framed once
 * and written once to each member; members that speak the same dialect over the same transport share the bytes.
 */
import type { Connection, Framing } from '../ports/connection.ts'
import type { Dialect } from '../ports/dialect.ts'

/** Whatever can be written to. */
export interface Reader {
  readonly dialect: Dialect
  readonly connection: Connection
}

/** Encodes messages once per dialect and transport, for as many readers as share them. */
export class SharedFrames {
  readonly #messagesOf: (dialect: Dialect) => readonly Uint8Array[]
  readonly #framed = new Map<Dialect, Map<Framing, Uint8Array>>()
  /** Of the reader before: most readers of a room are alike. */
  #last: { readonly dialect: Dialect; readonly framing: Framing; readonly bytes: Uint8Array } | null = null

  constructor(messagesOf: (dialect: Dialect) => readonly Uint8Array[]) {
    this.#messagesOf = messagesOf
  }

  /** Writes to one reader, in one write. */
  writeTo({ dialect, connection }: Reader): void {
    const { framing } = connection
    if (this.#last?.dialect !== dialect || this.#last.framing !== framing) {
      this.#last = { dialect, framing, bytes: this.#bytesFor(dialect, framing) }
    }
    connection.write(this.#last.bytes)
  }

  #bytesFor(dialect: Dialect, framing: Framing): Uint8Array {
    let byFraming = this.#framed.get(dialect)
    if (byFraming === undefined) this.#framed.set(dialect, (byFraming = new Map()))
    let bytes = byFraming.get(framing)
    if (bytes === undefined) byFraming.set(framing, (bytes = framing.frame(this.#messagesOf(dialect))))
    return bytes
  }
}

/** Frames and writes messages to one reader. */
export function writeMessages({ connection }: Reader, ...messages: readonly Uint8Array[]): void {
  connection.write(connection.framing.frame(messages))
}
