/**
 * The server's own rooms, sessions, committer and dialects, over a simulated network, disk and clock. It can be started on
 * what a crash left.
 */
import type { IncomingMessage } from 'node:http'
import { defaultOptions } from '../../server/config.ts'
import type { CoreOptions } from '../../server/core/options.ts'
import { Rooms } from '../../server/core/rooms.ts'
import { yWebsocketWithSaved } from '../../server/dialects/y-websocket.ts'
import type { Client, Connection } from '../../server/ports/connection.ts'
import type { Log } from '../../server/ports/log.ts'
import { documentRoute, findTarget, type Route } from '../../server/transport/routes.ts'
import { asSyncError, SyncError } from '../../shared/errors.ts'
import { closeCodeFor } from '../../shared/close-codes.ts'
import { unpackUpdates } from '../../shared/update/pack.ts'
import { Life, type VirtualClock } from './clock.ts'
import type { Disk } from './disk.ts'
import { type DiskWeather, openDiskStore } from './disk-store.ts'
import { inProcessCompute } from './in-process-compute.ts'
import type { Cable, ServerEnd } from './network.ts'
import { openDoor } from './open-door.ts'

export interface SimulatedServerOptions {
  readonly clock: VirtualClock
  readonly random: () => number
  readonly disk: Disk
  readonly weather: DiskWeather
  readonly core: Partial<CoreOptions>
  /** How long a compute thread may take to begin, and to answer. */
  readonly computeWorstMs: number
  readonly chunkBytes: number
  readonly distributeAfter: number
  /** Sees what is sent to anybody in `document`, at the moment at which it is. */
  readonly watch: (document: string, message: Uint8Array) => void
  /** Something went wrong that never should. */
  readonly complain: (what: string) => void
}

/** As the transport's, so that vanished clients are found. */
const KEEP_ALIVE_MS = defaultOptions.keepAliveMs

/** What a server says when its disk is in trouble, which is part of the game. */
const EXPECTED_ERRORS: ReadonlySet<string> = new Set(['commits failed; updates are kept in memory and tried again'])

interface Running {
  readonly life: Life
  readonly rooms: Rooms
  readonly routes: readonly Route[]
  readonly cables: Set<Cable>
  isStopping: boolean
}

export class SimulatedServer {
  readonly #options: SimulatedServerOptions
  #running: Running | null = null
  #seen: Uint8Array | null = null

  constructor(options: SimulatedServerOptions) {
    this.#options = options
  }

  get isUp(): boolean {
    return this.#running !== null
  }

  /** Whose timers the running server's are; null while there is none. */
  get life(): Life | null {
    return this.#running?.life ?? null
  }

  /** Does nothing when it is up. */
  start(): void {
    const { clock } = this.#options
    const life = new Life()
    clock.in(0, life, () => this.#begin(life))
  }

  /** The power is gone, at this very moment. */
  crash(): void {
    this.#running?.life.end()
    this.#running = null
    this.#options.disk.crash()
  }

  /** Takes nothing new, writes what it has, sends everybody away; `ended` is called after that. */
  stop(ended: () => void): void {
    const running = this.#running
    if (running === null || running.isStopping) return
    running.isStopping = true
    this.#options.clock.in(0, running.life, () => {
      void running.rooms.close().then(() => {
        this.#options.clock.in(0, running.life, () => {
          running.life.end()
          if (this.#running === running) this.#running = null
          ended()
        })
      })
    })
  }

  /** Somebody asks for `url`. */
  accept(url: string, cable: Cable): void {
    const running = this.#running
    if (running === null || running.isStopping) return cable.refuse()
    const { pathname, search } = new URL(url)
    // Of a request the routes look at no more than this.
    const request = { url: pathname + search, headers: {} } as IncomingMessage
    const target = findTarget(request, '', running.routes)
    const document = decodeURIComponent(pathname.slice(pathname.lastIndexOf('/') + 1))
    target?.prepare().then(
      (start) => this.#serve(running, { cable, document, start }),
      (thrown: unknown) => this.#serve(running, { cable, document, start: asSyncError(thrown, 'storage-failed') }),
    )
  }

  #begin(life: Life): void {
    if (this.#running !== null) return
    const { clock, random, disk, weather, core, computeWorstMs, chunkBytes, distributeAfter } = this.#options
    const log = this.#log()
    const compute = inProcessCompute({ clock, life, delayMs: () => random() * computeWorstMs, chunkBytes })
    const options = { ...defaultOptions, ...core }
    const { partBytes } = options
    const store = openDiskStore({ clock, random, life, disk, weather, distributeAfter, partBytes })
    const rooms = new Rooms({ store, compute, log, options })
    const routes = [
      documentRoute(rooms, openDoor(log), {
        prefix: '/ws/',
        nameIn: (rest) => rest,
        dialect: () => yWebsocketWithSaved,
      }),
    ]
    this.#running = { life, rooms, routes, cables: new Set(), isStopping: false }
  }

  #serve({ life, cables }: Running, { cable, document, start }: Visitor): void {
    if (!cable.isOpen) return
    let client: Client | null = null
    let hasAnswered = true
    const end = cable.open({
      message: (bytes) => {
        hasAnswered = true
        client?.receive(bytes)
      },
      pong: () => {
        hasAnswered = true
      },
      closed: () => {
        cables.delete(cable)
        client?.left()
      },
    })
    try {
      if (start instanceof SyncError) throw start
      client = start(this.#watched(end, document))
      cables.add(cable)
    } catch (thrown) {
      const { code } = asSyncError(thrown, 'overloaded')
      end.close(closeCodeFor(code), code)
      return
    }
    const ask = (): void => {
      if (!cables.has(cable)) return
      if (!hasAnswered) return end.terminate()
      hasAnswered = false
      end.ping()
      client?.keepAlive()
      this.#options.clock.in(KEEP_ALIVE_MS, life, ask)
    }
    this.#options.clock.in(KEEP_ALIVE_MS, life, ask)
  }

  #watched(end: ServerEnd, document: string): Connection {
    const write = (framed: Uint8Array): void => {
      this.#look(document, framed)
      end.write(framed)
    }
    return {
      framing: end.framing,
      get bufferedBytes() {
        return end.bufferedBytes
      },
      write,
      writeOnce: (message) => write(end.framing.frame([message])),
      whenDrained: (callback) => end.whenDrained(callback),
      close: (code, reason) => end.close(code, reason),
    }
  }

  /** Members of a room share the bytes they are sent, so that one look is enough. */
  #look(document: string, framed: Uint8Array): void {
    if (this.#seen === framed) return
    this.#seen = framed
    for (const message of unpackUpdates(framed)) this.#options.watch(document, message)
  }

  #log(): Log {
    const { complain } = this.#options
    return {
      info: () => undefined,
      warn: () => undefined,
      error: (event, fields) => {
        if (!EXPECTED_ERRORS.has(event)) complain(`${event}: ${JSON.stringify(fields)}`)
      },
    }
  }
}

interface Visitor {
  readonly cable: Cable
  readonly document: string
  readonly start: SyncError | ((connection: Connection) => Client)
}
