/** Somebody who looks at who is here as the server tells it. Real clients also forget by themselves who is silent for 30 s. */
import { WebSocket } from 'ws'
import { AwarenessReader, GONE } from '../shared/awareness.ts'
import type { Lab } from './lab.ts'
import { sync, type Wire } from './hostile/wires.ts'
import { until } from './until.ts'

const EMPTY_STATE_VECTOR = Uint8Array.of(0)

export class PresenceWatch {
  readonly #here = new Set<number>()
  readonly #socket: WebSocket

  private constructor(url: string, wire: Wire, document: string) {
    this.#socket = new WebSocket(`${url.replace('http', 'ws')}${wire.path(encodeURIComponent(document))}`)
    this.#socket.on('open', () => {
      for (const message of wire.greeting(document)) this.#socket.send(message)
      this.#socket.send(sync(wire, document, 0, EMPTY_STATE_VECTOR))
    })
    this.#socket.on('message', (data: Buffer) => {
      const heard = wire.read(Uint8Array.from(data))
      if (heard.type !== 'awareness') return
      const reader = new AwarenessReader(heard.body)
      while (reader.next()) {
        const { client, json } = reader.entry()
        if (json === GONE) this.#here.delete(client)
        else this.#here.add(client)
      }
    })
  }

  /** Resolves when the watch sees every one of `clients`. */
  static async start(
    lab: Lab,
    url: string,
    {
      wire,
      document,
      clients,
    }: { readonly wire: Wire; readonly document: string; readonly clients: readonly number[] },
  ): Promise<PresenceWatch> {
    const watch = new PresenceWatch(url, wire, document)
    lab.atEnd(() => watch.#socket.terminate())
    await until(() => clients.every((client) => watch.sees(client)))
    return watch
  }

  /** Whether a Yjs client id is here. */
  sees(client: number): boolean {
    return this.#here.has(client)
  }
}
