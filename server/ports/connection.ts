/** The byte pipe between a transport and whoever it carries messages for. */

/** How a transport wraps messages into bytes; connections of one transport share one instance. */
export interface Framing {
  /** `messages` one after the other, each in its own transport frame, in one buffer. */
  frame(messages: readonly Uint8Array[]): Uint8Array
}

export interface Connection {
  readonly framing: Framing
  /** Sends bytes that `framing.frame` made. Dropped silently when the connection is closed. */
  write(framed: Uint8Array): void
  /** Sends a message that nobody else is sent, and gives its memory back: it is gone afterwards. Dropped when closed. */
  writeOnce(message: Uint8Array): void
  /** Bytes written but not yet taken by the operating system. */
  readonly bufferedBytes: number
  /** Calls back once, when `bufferedBytes` is 0 again or the connection is closed. */
  whenDrained(callback: () => void): void
  /** `code` is a WebSocket close code; `reason` at most 123 bytes of UTF-8. */
  close(code: number, reason: string): void
}

/** Who is at the other end, as a transport sees it: one session, or several that share the connection. */
export interface Client {
  /** Takes one message. The bytes may be used again when the call returns. */
  receive(message: Uint8Array): void
  /** Sends a message that changes nothing, for watchdogs that want to hear something now and then. */
  keepAlive(): void
  /** Ends everything here, and the connection with a WebSocket close code. */
  close(code: number, reason: string): void
  /** The connection is gone. */
  left(): void
}
