/** The byte pipe a transport gives a session. */

/** How a transport wraps messages into bytes; connections of one transport share one instance. */
export interface Framing {
  /** `messages` one after the other, each in its own transport frame, in one buffer. */
  frame(messages: readonly Uint8Array[]): Uint8Array
}

export interface Connection {
  readonly framing: Framing
  /** Sends bytes that `framing.frame` made. Dropped silently when the connection is closed. */
  write(framed: Uint8Array): void
  /** Bytes written but not yet taken by the operating system. */
  readonly bufferedBytes: number
  /** Calls back once, when `bufferedBytes` is 0 again or the connection is closed. */
  whenDrained(callback: () => void): void
  /** `code` is a WebSocket close code; `reason` at most 123 bytes of UTF-8. */
  close(code: number, reason: string): void
}
