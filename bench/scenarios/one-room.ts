/** S1 and S10: one room in which many type. S9: the same in a document that thousands of clients have touched. */
import { Client } from '../wire/client.ts'
import { touchedBy } from '../load/typing.ts'
import { ALL, type Scenario } from './scenario.ts'
import { measureAtRate, measureFlatOut } from './typing.ts'

const PER_SECOND = 5

/** Updates one typist may have under way: 2,000 in a room of 50, which is where Hocuspocus does best. */
const WINDOW = 40

export const oneRoom: Scenario = {
  id: 'S1',
  title: 'one room, 50 typists at 5/s, and as fast as it goes',
  targets: ALL,
  async run(lab) {
    const server = await lab.start()
    const load = { rooms: 1, typists: 50 }
    // First, so that the quiet part finds compiled code, as in a server that has run for a while.
    const flatOut = await measureFlatOut(server, {
      ...load,
      document: 'busy',
      window: WINDOW,
      updatesEach: 20_000,
      seconds: lab.isQuick ? 2 : 5,
    })
    const atRate = await measureAtRate(server, {
      ...load,
      document: 'quiet',
      perSecond: PER_SECOND,
      seconds: lab.isQuick ? 3 : 10,
    })
    return {
      microsecondsPerDelivery: atRate['microsecondsPerDelivery'] ?? Number.NaN,
      p50Ms: atRate['p50Ms'] ?? Number.NaN,
      p99Ms: atRate['p99Ms'] ?? Number.NaN,
      updatesPerCpuSecond: flatOut['updatesPerCpuSecond'] ?? Number.NaN,
      updatesPerSecond: flatOut['updatesPerSecond'] ?? Number.NaN,
      residentBytes: flatOut['residentBytes'] ?? Number.NaN,
      isComplete: Math.min(atRate['isComplete'] ?? 0, flatOut['isComplete'] ?? 0),
    }
  },
}

export const touchedByMany: Scenario = {
  id: 'S9',
  title: 'S1 as fast as it goes in a document that 5,000 clients have touched',
  targets: ALL,
  async run(lab) {
    const server = await lab.start()
    const { protocol } = lab.target
    const { update, last } = touchedBy(5_000)
    const document = 'touched'
    // The relay keeps nothing, and a server without storage keeps it only while somebody is there.
    const first = await Client.join({ port: server.port, protocol, document: `${document}-0`, step2: update })
    await server.whenQuiet()
    const measures = await measureFlatOut(server, {
      rooms: 1,
      typists: 50,
      document,
      after: last,
      window: WINDOW,
      updatesEach: 20_000,
      seconds: lab.isQuick ? 2 : 5,
    })
    await first.close()
    return measures
  },
}

export const crowd: Scenario = {
  id: 'S10',
  title: 'one room, 200 typists at 5/s',
  targets: ALL,
  async run(lab) {
    const server = await lab.start()
    return measureAtRate(server, {
      rooms: 1,
      typists: 200,
      document: 'crowd',
      perSecond: PER_SECOND,
      seconds: lab.isQuick ? 2 : 6,
    })
  },
}
