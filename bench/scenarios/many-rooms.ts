/** S2: many small rooms, as a server in daily use has them. */
import { ALL, type Scenario } from './scenario.ts'
import { measureAtRate, measureFlatOut } from './typing.ts'

export const manyRooms: Scenario = {
  id: 'S2',
  title: '500 rooms of 2 typists at 5/s, and as fast as it goes',
  targets: ALL,
  async run(lab) {
    const server = await lab.start()
    const load = { rooms: lab.isQuick ? 100 : 500, typists: 2 }
    // First, so that the quiet part finds compiled code, as in a server that has run for a while.
    const flatOut = await measureFlatOut(server, {
      ...load,
      document: 'busy',
      // 20,000 updates under way in 500 rooms.
      window: 20,
      updatesEach: 2_000,
      seconds: lab.isQuick ? 2 : 5,
    })
    const atRate = await measureAtRate(server, {
      ...load,
      document: 'quiet',
      perSecond: 5,
      // Long enough for several of the times at which a store tidies up.
      seconds: lab.isQuick ? 3 : 30,
    })
    return {
      ...atRate,
      updatesPerCpuSecond: flatOut['updatesPerCpuSecond'] ?? Number.NaN,
      updatesPerSecond: flatOut['updatesPerSecond'] ?? Number.NaN,
      isComplete: Math.min(atRate['isComplete'] ?? 0, flatOut['isComplete'] ?? 0),
    }
  },
}
