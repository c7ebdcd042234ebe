/** People who type in one room: their clients, what they will send, and what each has got of the others. */
import { Client, type ClientOptions } from '../wire/client.ts'
import type { Cursor } from '../wire/bytes.ts'
import type { Kind } from '../wire/protocol.ts'
import type { Histogram } from '../report/histogram.ts'
import type { Server } from '../targets/server.ts'
import { Receipts } from './receipts.ts'
import { prepareScript, type Script } from './script.ts'
import { FIRST_TYPIST, type ItemId, typing } from './typing.ts'

export interface RoomOptions {
  readonly server: Server
  readonly document: string
  readonly typists: number
  /** How many updates each typist can send at most. */
  readonly updatesEach: number
  /** The item behind which everybody begins to type; null in an empty document. */
  readonly after?: ItemId | null
}

/** Larger than any clock: own letters that come back are not counted as deliveries. */
const OWN = 2 ** 30

export class Typist {
  readonly client: Client
  readonly script: Script
  readonly receipts: Receipts
  /** How many updates it has sent. */
  sent = 0
  /** How many of its updates the next typist of the room has got. */
  confirmed = 0
  onConfirmed: () => void = () => {}
  /** When each update was sent, if latency is measured. */
  sentAtMs: Float64Array = new Float64Array(0)

  constructor(client: Client, script: Script, receipts: Receipts) {
    this.client = client
    this.script = script
    this.receipts = receipts
  }

  get isDone(): boolean {
    return this.sent >= this.script.count
  }

  /** Sends the next updates, at most `count`, in one write. */
  send(count: number): void {
    const { ends, frames } = this.script
    const end = Math.min(this.sent + count, this.script.count)
    if (end === this.sent) return
    const from = this.sent === 0 ? 0 : (ends[this.sent - 1] ?? 0)
    if (this.sentAtMs.length > 0) this.sentAtMs.fill(performance.now(), this.sent, end)
    this.sent = end
    this.client.write(frames.subarray(from, ends[end - 1]))
  }
}

export class Room {
  readonly typists: readonly Typist[]
  #latencies: Histogram | null = null

  private constructor(joined: readonly { readonly client: Client; readonly script: Script }[]) {
    this.typists = joined.map(({ client, script }, own) => {
      const receipts = new Receipts(joined.length, (typist, from, to) => this.#progress(own, typist, { from, to }))
      receipts.clocks[own] = OWN
      client.listener = (kind: Kind, cursor: Cursor) => {
        if (kind === 'update' || kind === 'step2') receipts.read(cursor)
      }
      return new Typist(client, script, receipts)
    })
  }

  /** Resolves when everybody is in step. */
  static async open({ server, document, typists, updatesEach, after = null }: RoomOptions): Promise<Room> {
    const { protocol } = server.target
    const joined: { client: Client; script: Script }[] = []
    for (let at = 0; at < typists; at++) {
      const options: ClientOptions = { port: server.port, protocol, document }
      const client = await Client.join(options)
      const updates = typing(FIRST_TYPIST + at, updatesEach, after)
      joined.push({ client, script: prepareScript(updatesEach, updates, { protocol, document }) })
    }
    return new Room(joined)
  }

  get sent(): number {
    return this.typists.reduce((sum, typist) => sum + typist.sent, 0)
  }

  /** Letters that reached somebody else. */
  get delivered(): number {
    return this.typists.reduce((sum, { receipts }) => sum + receipts.total, 0)
  }

  /** How many deliveries are due for what was sent. */
  get due(): number {
    return this.sent * (this.typists.length - 1)
  }

  /** Bytes of the updates sent so far. */
  get updateBytes(): number {
    return this.typists.reduce((sum, { sent, script }) => sum + (script.updateBytes[sent - 1] ?? 0), 0)
  }

  /** From now on, how long each delivery took goes to `latencies`. */
  measureLatency(latencies: Histogram): void {
    this.#latencies = latencies
    for (const typist of this.typists) typist.sentAtMs = new Float64Array(typist.script.count)
  }

  async close(): Promise<void> {
    await Promise.all(this.typists.map(({ client }) => client.close()))
  }

  #progress(own: number, index: number, { from, to }: { readonly from: number; readonly to: number }): void {
    const typist = this.typists[index]
    if (typist === undefined) return
    if (this.#latencies !== null) {
      const nowMs = performance.now()
      for (let clock = from; clock < to; clock++) {
        const sentMs = typist.sentAtMs[clock] ?? 0
        if (sentMs > 0) this.#latencies.add(nowMs - sentMs)
      }
    }
    if (own === (index + 1) % this.typists.length) {
      typist.confirmed = to
      typist.onConfirmed()
    }
  }
}

/** Opens rooms one after the other. */
export async function openRooms(count: number, options: RoomOptions): Promise<readonly Room[]> {
  const rooms: Room[] = []
  for (let at = 0; at < count; at++) {
    rooms.push(await Room.open({ ...options, document: `${options.document}-${at}` }))
  }
  return rooms
}
