/** S5: a thousand clients are back at once and have everything already. */
import { setTimeout as sleep } from 'node:timers/promises'
import { median } from '../report/stats.ts'
import { Client, type ClientOptions } from '../wire/client.ts'
import { ALL, type Scenario } from './scenario.ts'

const CLIENTS = 1_000
const DOCUMENT_BYTES = 10_000

/** So that compilers have done most of their work: what is measured is a server that has been up for a while. */
const WARM_UPS = 8

/** Of which the median counts: waves of one server differ by half, with what its collector and compilers do meanwhile. */
const WAVES = 5

export const reconnect: Scenario = {
  id: 'S5',
  title: '1,000 clients reconnect at once',
  targets: ALL,
  async run(lab) {
    const server = await lab.start()
    const { protocol } = lab.target
    const content = await lab.document(DOCUMENT_BYTES)
    const document = 'reconnect'
    const brings: ClientOptions = { port: server.port, protocol, document, step2: content.update }
    let pushed = 0
    const has: ClientOptions = {
      port: server.port,
      protocol,
      document,
      stateVector: content.stateVector,
      // A relay would pass it on to everybody; it has no sync to take part in.
      ...(protocol.hasSync && { step2: content.emptyDiff }),
      listener(kind, cursor, end) {
        // Anything with structs in it says again what the client has; a step 2 may hold the deletes.
        const hasStructs = cursor.varUint() > 0
        if ((kind === 'step2' && hasStructs) || kind === 'update') pushed += end - cursor.at
      },
    }
    // Keeps the document open where it lives in memory only.
    const first = await Client.join(brings)
    const connectAll = () =>
      Promise.all(Array.from({ length: CLIENTS }, (_, person) => Client.join({ ...has, person })))
    for (let wave = 0; wave < WARM_UPS; wave++) {
      const warmUp = await connectAll()
      await Promise.all(warmUp.map((client) => client.close()))
      await sleep(500)
      await server.whenQuiet()
    }

    pushed = 0
    const cpu: number[] = []
    const wall: number[] = []
    let received = 0
    for (let wave = 0; wave < WAVES; wave++) {
      const cpuBefore = server.cpuSeconds()
      const startMs = performance.now()
      const clients = await connectAll()
      wall.push((performance.now() - startMs) / 1000)
      await sleep(250)
      cpu.push(server.cpuSeconds() - cpuBefore)
      received += clients.reduce((sum, client) => sum + client.bytesReceived, 0)
      await Promise.all(clients.map((client) => client.close()))
      await server.whenQuiet()
    }
    await first.close()
    return {
      cpuSeconds: median(cpu),
      seconds: median(wall),
      pushedBytes: pushed,
      bytesPerClient: received / WAVES / CLIENTS,
    }
  },
}
