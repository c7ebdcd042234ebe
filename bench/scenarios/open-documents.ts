/** S4: what an open document costs in memory, and what is left when all are closed. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from '../wire/client.ts'
import { ALL, type Scenario } from './scenario.ts'

const DOCUMENT_BYTES = 10_000
const KIB = 1024

/** How many clients connect at the same time. */
const AT_ONCE = 20

export const openDocuments: Scenario = {
  id: 'S4',
  title: '2,000 documents of 10 kB, one client each; then closed',
  targets: ALL,
  async run(lab) {
    const server = await lab.start()
    const { protocol } = lab.target
    const content = await lab.document(DOCUMENT_BYTES)
    const count = lab.isQuick ? 400 : 2_000

    // One document first: what every server loads or compiles once is not part of a document.
    const first = await Client.join({ port: server.port, protocol, document: 'first', step2: content.update })
    await server.whenQuiet()
    const idleBytes = server.residentBytes()

    const clients: Client[] = []
    const join = async (at: number): Promise<void> => {
      const document = `document-${at}`
      clients.push(await Client.join({ port: server.port, protocol, document, step2: content.update }))
    }
    for (let at = 0; at < count; at += AT_ONCE) {
      await Promise.all(Array.from({ length: AT_ONCE }, (_, offset) => join(at + offset)))
    }
    await server.whenQuiet()
    await sleep(lab.isQuick ? 1_000 : 5_000)
    const openBytes = server.residentBytes()

    await Promise.all(clients.map((client) => client.close()))
    await first.close()
    await sleep(lab.isQuick ? 5_000 : 60_000)
    const closedBytes = server.residentBytes()
    return {
      kilobytesPerDocument: (openBytes - idleBytes) / count / KIB,
      idleBytes,
      openBytes,
      closedBytes,
      closedOverIdle: closedBytes / idleBytes,
    }
  },
}
