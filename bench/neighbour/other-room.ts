/** A room next door: one person types, and hears each letter come back once it is on disk. */
import { setTimeout as sleep } from 'node:timers/promises'
import { type ScriptedUpdate } from '../load/script.ts'
import { typing } from '../load/typing.ts'
import type { Histogram } from '../report/histogram.ts'
import { Client } from '../wire/client.ts'
import { frame } from '../wire/frames.ts'
import type { Protocol } from '../wire/protocol.ts'

const TYPIST = 2 ** 31
const MAX_LETTERS = 1_000_000

/** What it takes to join. */
export interface OtherServer {
  readonly port: number
  readonly target: { readonly protocol: Protocol }
}

export interface Pace {
  /** Between two letters; several are on their way when the server is slow. */
  readonly gapMs: number
  /** Before the first one. */
  readonly restMs: number
}

export class OtherRoom {
  readonly #client: Client
  readonly #letters: Generator<ScriptedUpdate> = typing(TYPIST, MAX_LETTERS, null)
  readonly #sentAtMs: number[] = []
  #histograms: readonly Histogram[] = []

  private constructor(client: Client) {
    this.#client = client
    client.listener = (kind) => {
      if (kind === 'update') this.#heard()
    }
  }

  static async join({ port, target }: OtherServer, number: number): Promise<OtherRoom> {
    return new OtherRoom(await Client.join({ port, protocol: target.protocol, document: `next-door-${number}` }))
  }

  /** Types until `isOver`, and counts the round trip of every letter into `histograms`. */
  async during(histograms: readonly Histogram[], { gapMs, restMs }: Pace, isOver: Promise<unknown>): Promise<void> {
    this.#histograms = histograms
    await sleep(restMs)
    const timer = setInterval(() => this.#type(), gapMs)
    await isOver
    clearInterval(timer)
    // The last letters may be the ones that had to wait.
    while (this.#sentAtMs.length > 0) await new Promise((resolve) => setTimeout(resolve, 1))
  }

  leave(): Promise<void> {
    return this.#client.close()
  }

  #type(): void {
    const { value } = this.#letters.next()
    if (value === undefined) return
    this.#sentAtMs.push(performance.now())
    this.#client.write(frame(this.#client.protocol.update(this.#client.document, value.update)))
  }

  /** The server passes one person's letters on in order, each in a message of its own, or an empty one that it feeds. */
  #heard(): void {
    const sentAtMs = this.#sentAtMs.shift()
    if (sentAtMs === undefined) return
    for (const histogram of this.#histograms) histogram.add(performance.now() - sentAtMs)
  }
}
