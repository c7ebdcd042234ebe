/** S6: the server is killed as soon as somebody else has seen the last of 1,000 updates. How many are left? */
import { Client } from '../wire/client.ts'
import { allDelivered, typeAtRate } from '../load/drive.ts'
import { Receipts } from '../load/receipts.ts'
import { openRooms } from '../load/room.ts'
import type { Scenario } from './scenario.ts'

const UPDATES = 1_000
const TYPISTS = 2

export const kill: Scenario = {
  id: 'S6',
  title: '1,000 updates, SIGKILL, restart',
  targets: ['y-leveldb', 'hocuspocus', 'weft'],
  async run(lab) {
    const server = await lab.start()
    const updatesEach = UPDATES / TYPISTS
    const rooms = await openRooms(1, { server, document: 'kill', typists: TYPISTS, updatesEach })
    await typeAtRate(rooms, { perSecond: updatesEach, seconds: 1 })
    const isComplete = await allDelivered(rooms)
    await server.stop('SIGKILL')

    const again = await lab.start(server.folder)
    const receipts = new Receipts(TYPISTS)
    const reader = await Client.join({
      port: again.port,
      protocol: lab.target.protocol,
      document: 'kill-0',
      listener: (kind, cursor) => {
        if (kind === 'step2' || kind === 'update') receipts.read(cursor)
      },
    })
    // y-websocket's server sends what it loads after it has answered.
    await again.whenQuiet()
    await reader.close()
    return { updatesLeft: receipts.total, isComplete: isComplete ? 1 : 0 }
  },
}
