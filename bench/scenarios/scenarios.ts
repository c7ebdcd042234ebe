/** All scenarios, in the order in which they are run. */
import { cursors } from './cursors.ts'
import { kill } from './kill.ts'
import { manyRooms } from './many-rooms.ts'
import { crowd, oneRoom, touchedByMany } from './one-room.ts'
import { openDocuments } from './open-documents.ts'
import { paper } from './paper.ts'
import { reconnect } from './reconnect.ts'
import type { Scenario } from './scenario.ts'

export const scenarios: readonly Scenario[] = [
  oneRoom,
  manyRooms,
  openDocuments,
  reconnect,
  kill,
  cursors,
  paper,
  touchedByMany,
  crowd,
]
