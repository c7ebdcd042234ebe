/** What a row measures in: folders, servers and clients, all of which end with it. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as prng from 'lib0/prng'
import { WebSocket } from 'ws'
import { type Client, connect, type ConnectOptions } from '../web/client/index.ts'
import { launchServer, type ServerOptions, type ServerProcess } from './server-process.ts'

export interface LabOptions {
  /** Small enough for the tests; the figures of the scorecard come from the long form. */
  readonly isShort: boolean
  /** The part of the long form that is run: a half twice, with different seeds, is as good as the whole. */
  readonly scale: number
  /** What random choices are made from; says which part of the long form is run. */
  readonly seed: number
  /** Told what is going on, again and again. */
  readonly progress: (line: string) => void
}

export class Lab {
  readonly isShort: boolean
  readonly scale: number
  /** Says which part of the long form is run. */
  readonly seed: number
  /** Numbers from 0 up to 1, the same ones for the same seed. */
  readonly random: () => number
  readonly progress: (line: string) => void
  readonly #endings: (() => unknown)[] = []

  constructor({ isShort, scale, seed, progress }: LabOptions) {
    this.isShort = isShort
    this.scale = scale
    this.seed = seed
    const generator = prng.create(seed)
    this.random = () => prng.real53(generator)
    this.progress = progress
    // Each provider listens for the exit of the process.
    process.setMaxListeners(0)
  }

  /** Calls `ending` when the measurement is over; the last one given is called first. */
  atEnd(ending: () => unknown): void {
    this.#endings.push(ending)
  }

  async end(): Promise<void> {
    for (const ending of this.#endings.splice(0).toReversed()) await ending()
  }

  /** A new empty folder. */
  async folder(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'weft-trust-'))
    this.atEnd(() => rm(folder, { recursive: true, force: true }))
    return folder
  }

  /** Starts a server on a folder of its own, or the one given. */
  async server(options: Partial<ServerOptions> = {}): Promise<ServerProcess> {
    const server = await launchServer({ data: options.data ?? (await this.folder()), ...options })
    this.atEnd(() => server.kill())
    return server
  }

  /** Our own client. */
  client(server: string, document: string, options: Partial<ConnectOptions> = {}): Client {
    // `ws` has the members of the browser's class that the client uses.
    const WebSocketPolyfill = WebSocket as unknown as typeof globalThis.WebSocket
    const client = connect({ server, document, WebSocketPolyfill, ...options })
    this.atEnd(() => client.destroy())
    return client
  }
}
