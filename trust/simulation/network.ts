/**
 * A network between pages and one server: every connection keeps its own order and has its own delays, stands still for
 * a while, is cut so that both ends see it, or so that neither does.
 */
import { packUpdates, unpackUpdates } from '../../shared/update/pack.ts'
import type { Connection, Framing } from '../../server/ports/connection.ts'
import type { Life, VirtualClock } from './clock.ts'
import { Lane } from './lane.ts'

/** The server's end of a cable. */
export interface ServerEnd extends Connection {
  /** Asks for a sign of life. */
  ping(): void
  /** Ends it without a word. */
  terminate(): void
}

export interface NetworkOptions {
  readonly clock: VirtualClock
  readonly random: () => number
  /** Sees every message that arrives anywhere. */
  readonly trace: (message: Uint8Array) => void
}

/** Who is told at the server's end. */
export interface ServerListener {
  message(bytes: Uint8Array): void
  pong(): void
  closed(): void
}

/** Who is told at a page's end. */
export interface PageListener {
  opened(): void
  message(bytes: Uint8Array): void
  closed(code: number, reason: string): void
}

/** A message, and what a WebSocket says besides. */
export type Parcel =
  | { readonly type: 'bytes'; readonly bytes: Uint8Array }
  | { readonly type: 'opened' | 'ping' | 'pong' | 'left' }
  | { readonly type: 'closed'; readonly code: number; readonly reason: string }

const framing: Framing = { frame: (messages) => packUpdates(messages) }

/** RFC 6455's code for a connection that ended without a word. */
const WITHOUT_A_WORD = 1006

/** How long a server waits for its closing handshake. */
const CLOSE_TIMEOUT_MS = 2_000

/** A connection between a page and the server. */
export class Cable {
  readonly #clock: VirtualClock
  readonly #pageLife: Life
  readonly #serverLife: Life
  readonly #page: PageListener
  readonly #up: Lane<Parcel>
  readonly #down: Lane<Parcel>
  #server: ServerListener | null = null
  #isOpenForPage = true
  #isOpenForServer = true
  readonly #trace: (message: Uint8Array) => void

  constructor({ clock, random, trace }: NetworkOptions, lives: { page: Life; server: Life }, page: PageListener) {
    this.#clock = clock
    this.#pageLife = lives.page
    this.#serverLife = lives.server
    this.#page = page
    this.#trace = trace
    const latencyMs = 1 + random() ** 3 * 200
    const delayMs = (): number => latencyMs * (0.5 + random())
    const { page: from, server: to } = lives
    this.#up = new Lane(clock, { from, to, delayMs, arrived: (parcel) => this.#atServer(parcel) })
    this.#down = new Lane(clock, { from: to, to: from, delayMs, arrived: (parcel) => this.#atPage(parcel) })
  }

  /** Neither end has ended it. */
  get isOpen(): boolean {
    return this.#isOpenForPage && this.#isOpenForServer
  }

  /** What the page says. */
  say(bytes: Uint8Array): void {
    if (this.#isOpenForPage) this.#up.send({ type: 'bytes', bytes: bytes.slice() }, bytes.length)
  }

  /** The page leaves. */
  leave(): void {
    if (!this.#isOpenForPage) return
    this.#isOpenForPage = false
    this.#up.send({ type: 'left' }, 0)
  }

  /** The server takes the cable, and gets its end. */
  open(listener: ServerListener): ServerEnd {
    this.#server = listener
    this.#down.send({ type: 'opened' }, 0)
    const down = this.#down
    const write = (framed: Uint8Array): void => {
      if (this.#isOpenForServer) down.send({ type: 'bytes', bytes: framed }, framed.length)
    }
    return {
      framing,
      get bufferedBytes() {
        return down.bytes
      },
      write,
      writeOnce: (message) => write(framing.frame([message])),
      whenDrained: (callback) => down.whenDrained(callback),
      close: (code, reason) => {
        if (!this.#isOpenForServer) return
        down.send({ type: 'closed', code, reason }, 0)
        this.#clock.in(CLOSE_TIMEOUT_MS, this.#serverLife, () => this.#endForServer())
      },
      ping: () => down.send({ type: 'ping' }, 0),
      terminate: () => this.#endForServer(),
    }
  }

  /** The server does not take it. */
  refuse(): void {
    this.#isOpenForServer = false
    this.#down.send({ type: 'closed', code: WITHOUT_A_WORD, reason: '' }, 0)
  }

  /** Nothing arrives for `ms`, and then all of it. */
  stall(ms: number): void {
    this.#up.stall(ms)
    this.#down.stall(ms)
  }

  /** Whatever is under way is lost. Both ends see it, each in its time; with `isSilent` none does. */
  cut({ isSilent, seenInMs }: { readonly isSilent: boolean; readonly seenInMs: () => number }): void {
    this.#up.cut()
    this.#down.cut()
    if (isSilent) return
    this.#clock.in(seenInMs(), this.#pageLife, () => this.#endForPage(WITHOUT_A_WORD, ''))
    this.#clock.in(seenInMs(), this.#serverLife, () => this.#endForServer())
  }

  #atServer(parcel: Parcel): void {
    if (!this.#isOpenForServer) return
    if (parcel.type === 'left') return this.#endForServer()
    if (parcel.type === 'pong') return this.#server?.pong()
    if (parcel.type !== 'bytes') return
    this.#trace(parcel.bytes)
    this.#server?.message(parcel.bytes)
  }

  #atPage(parcel: Parcel): void {
    if (!this.#isOpenForPage) return
    if (parcel.type === 'opened') this.#page.opened()
    else if (parcel.type === 'ping') this.#up.send({ type: 'pong' }, 0)
    else if (parcel.type === 'closed') this.#endForPage(parcel.code, parcel.reason)
    else if (parcel.type === 'bytes') {
      this.#trace(parcel.bytes)
      for (const message of unpackUpdates(parcel.bytes)) if (this.#isOpenForPage) this.#page.message(message)
    }
  }

  #endForPage(code: number, reason: string): void {
    if (!this.#isOpenForPage) return
    this.#isOpenForPage = false
    this.#page.closed(code, reason)
  }

  #endForServer(): void {
    if (!this.#isOpenForServer) return
    this.#isOpenForServer = false
    this.#down.cut()
    this.#down.release()
    this.#server?.closed()
  }
}
