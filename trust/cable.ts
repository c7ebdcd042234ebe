/** A cable between a client and a server, that can be pulled, cut without a sign, and be plugged in again. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

export class Cable {
  /** `ws://127.0.0.1:port`: the client's end. */
  readonly url: string
  readonly #server: Server
  readonly #pairs = new Set<readonly [Socket, Socket]>()
  #isPulled = false

  private constructor(server: Server) {
    this.#server = server
    // It listens on TCP, so the address is never a pipe's name.
    this.url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`
  }

  /** Leads to the server at `url` until it is closed. */
  static async lay(url: string): Promise<Cable> {
    const { hostname, port } = new URL(url)
    const server = createServer()
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const cable = new Cable(server)
    server.on('connection', (client: Socket) => cable.#join(client, connect(Number(port), hostname)))
    return cable
  }

  /** Connections break, and none can be made, until it is plugged in. */
  pull(): void {
    this.#isPulled = true
    for (const socket of [...this.#pairs].flat()) socket.destroy()
  }

  plug(): void {
    this.#isPulled = false
  }

  /**
   * Nothing gets through any more on the connections there are, and neither end is told. What is written is taken and
   * lost; or not even taken, when the other machine is `frozen`.
   */
  swallow({ frozen }: { readonly frozen: boolean }): void {
    for (const [client, far] of this.#pairs) {
      client.unpipe(far)
      far.unpipe(client)
      for (const socket of [client, far]) {
        if (frozen) socket.pause()
        else socket.resume()
      }
    }
  }

  close(): void {
    this.pull()
    this.#server.close()
  }

  #join(client: Socket, far: Socket): void {
    if (this.#isPulled) {
      client.destroy()
      far.destroy()
      return
    }
    const pair = [client, far] as const
    this.#pairs.add(pair)
    for (const [socket, other] of [pair, [far, client]] as const) {
      socket.pipe(other)
      // What breaks one end breaks the other; whoever uses the cable sees that its connection is gone.
      socket.on('error', () => {})
      socket.on('close', () => {
        this.#pairs.delete(pair)
        other.destroy()
      })
    }
  }
}
