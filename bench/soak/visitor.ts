/** Somebody who opens a document, types a little, and leaves; each visit has a client id of its own, as page loads do. */
import { typing } from '../load/typing.ts'
import { Client } from '../wire/client.ts'
import { frame } from '../wire/frames.ts'
import type { Protocol } from '../wire/protocol.ts'
import type { ScriptedUpdate } from '../load/script.ts'

/** Further than any visitor comes. */
const MAX_LETTERS = 1_000_000

/** Where a server listens, and what it speaks. */
export interface Address {
  readonly port: number
  readonly protocol: Protocol
}

let nextVisitor = 2 ** 30

export class Visitor {
  readonly #client: Client
  readonly #letters: Generator<ScriptedUpdate>
  readonly #timer: ReturnType<typeof setInterval>

  private constructor(client: Client, perSecond: number) {
    this.#client = client
    this.#letters = typing(nextVisitor++, MAX_LETTERS, null)
    this.#timer = setInterval(() => this.#type(), 1000 / perSecond)
  }

  /** Resolves when the visitor is in step and begins to type. */
  static async join({ port, protocol }: Address, document: string, perSecond: number): Promise<Visitor> {
    const client = await Client.join({ port, protocol, document })
    return new Visitor(client, perSecond)
  }

  async leave(): Promise<void> {
    clearInterval(this.#timer)
    await this.#client.close()
  }

  #type(): void {
    const { value } = this.#letters.next()
    if (value === undefined) return
    this.#client.write(frame(this.#client.protocol.update(this.#client.document, value.update)))
  }
}
