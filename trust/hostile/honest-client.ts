/** An honest client with a real Yjs document, in any dialect: what happens to it is what happens to people. */
import { Awareness, applyAwarenessUpdate, encodeAwarenessUpdate } from 'y-protocols/awareness'
import { WebSocket } from 'ws'
import * as Y from 'yjs'
import { AWARENESS, sync, type Wire } from './wires.ts'
import { varBytes } from './bytes.ts'

const REMOTE = 'remote'

export class HonestClient {
  readonly doc = new Y.Doc()
  /** What went wrong in this client, whoever is to blame. */
  readonly errors: string[] = []
  readonly #awareness = new Awareness(this.doc)
  readonly #socket: WebSocket
  readonly #wire: Wire
  readonly #document: string
  readonly #waiters = new Set<() => void>()
  #isSynced = false

  private constructor(port: number, wire: Wire, document: string) {
    this.#wire = wire
    this.#document = document
    this.#socket = new WebSocket(`ws://127.0.0.1:${port}${wire.path(encodeURIComponent(document))}`)
    this.#socket.binaryType = 'nodebuffer'
    this.#socket.on('message', (data: Buffer) => this.#guard(() => this.#receive(Uint8Array.from(data))))
    this.#socket.on('error', (error) => this.errors.push(error.message))
    this.#socket.on('close', (code) => this.#closed(code))
    this.doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin !== REMOTE) this.#sync(2, update)
    })
  }

  /** Resolves, `name` shown to everybody, when the client is in step; or with what it has after `patienceMs`. */
  static async join(
    port: number,
    wire: Wire,
    { document, name, patienceMs = 15_000 }: { document: string; name: string; patienceMs?: number },
  ): Promise<HonestClient> {
    const client = new HonestClient(port, wire, document)
    client.#socket.on('open', () => {
      for (const message of wire.greeting(document)) client.#socket.send(message)
      client.#sync(0, Y.encodeStateVector(client.doc))
      client.#awareness.setLocalState({ user: { name } })
      client.#send(encodeAwarenessUpdate(client.#awareness, [client.doc.clientID]))
    })
    await client.until(() => client.#isSynced, patienceMs)
    return client
  }

  get isSynced(): boolean {
    return this.#isSynced
  }

  get text(): string {
    return this.doc.getText('content').toString()
  }

  /** Types at the end. */
  type(words: string): void {
    const text = this.doc.getText('content')
    text.insert(text.length, words)
  }

  /** How somebody here is called, as far as this client sees. */
  nameOf(client: number): unknown {
    const user: unknown = this.#awareness.getStates().get(client)?.['user']
    return typeof user === 'object' && user !== null && 'name' in user ? user.name : undefined
  }

  /** Resolves with whether `claim` came to hold in time. */
  until(claim: () => boolean, timeoutMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const end = (isTrue: boolean): void => {
        clearTimeout(timer)
        this.#waiters.delete(look)
        resolve(isTrue)
      }
      const look = (): void => {
        if (claim()) end(true)
      }
      const timer = setTimeout(() => end(false), timeoutMs)
      this.#waiters.add(look)
      look()
    })
  }

  close(): void {
    this.#socket.removeAllListeners('close')
    this.#socket.terminate()
    this.#awareness.destroy()
    this.doc.destroy()
  }

  #receive(message: Uint8Array): void {
    const heard = this.#wire.read(message)
    switch (heard.type) {
      case 'step1':
        this.#sync(1, Y.encodeStateAsUpdate(this.doc, heard.body))
        break
      case 'step2':
        Y.applyUpdate(this.doc, heard.body, REMOTE)
        this.#isSynced = true
        break
      case 'update':
        Y.applyUpdate(this.doc, heard.body, REMOTE)
        break
      case 'awareness':
        applyAwarenessUpdate(this.#awareness, heard.body, REMOTE)
        break
      default:
        break
    }
  }

  #guard(work: () => void): void {
    try {
      work()
    } catch (thrown) {
      this.errors.push(String(thrown))
    }
    for (const look of this.#waiters) look()
  }

  #closed(code: number): void {
    this.errors.push(`was closed with ${code}`)
    for (const look of this.#waiters) look()
  }

  #sync(kind: number, body: Uint8Array): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(sync(this.#wire, this.#document, kind, body))
  }

  #send(awareness: Uint8Array): void {
    this.#socket.send(this.#wire.message(this.#document, AWARENESS, varBytes(awareness)))
  }
}
