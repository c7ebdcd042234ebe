/** A cable between a client and a server, that can be pulled: connections break, and none can be made, until it is back. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

export interface Cable {
  /** `ws://127.0.0.1:port`: the client's end. */
  readonly url: string
  pull(): void
  plug(): void
}

/** Leads to the server at `url` until the test ends. */
export async function layCable(url: string): Promise<Cable> {
  const { hostname, port } = new URL(url)
  const sockets = new Set<Socket>()
  let isPulled = false
  const pull = (): void => {
    isPulled = true
    for (const socket of sockets) socket.destroy()
  }
  const server = createServer((client) => {
    if (isPulled) return void client.destroy()
    const far = connect(Number(port), hostname)
    for (const [socket, other] of [
      [client, far],
      [far, client],
    ] as const) {
      sockets.add(socket)
      socket.pipe(other)
      // What breaks one end breaks the other; whoever uses the cable sees that its connection is gone.
      socket.on('error', () => {})
      socket.on('close', () => {
        sockets.delete(socket)
        other.destroy()
      })
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    pull()
    server.close()
  })
  return {
    // It listens on TCP, so the address is never a pipe's name.
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    pull,
    plug: () => {
      isPulled = false
    },
  }
}
