/** Every row of the scorecard that can be run, in its order. */
import type { Row } from './row.ts'
import { backup } from './rows/backup.ts'
import { corruption } from './rows/corruption.ts'
import { diskFailure } from './rows/disk-failure.ts'
import { heal } from './rows/heal.ts'
import { hostileAccess } from './rows/hostile-access.ts'
import { hostile } from './rows/hostile.ts'
import { kill } from './rows/kill.ts'
import { latency } from './rows/latency.ts'
import { mutation } from './rows/mutation.ts'
import { noise } from './rows/noise.ts'
import { powerCut } from './rows/power-cut.ts'
import { readOnly } from './rows/read-only.ts'
import { scripts } from './rows/scripts.ts'
import { simulation } from './rows/simulation.ts'
import { slowReader } from './rows/slow-reader.ts'
import { soak } from './rows/soak.ts'
import { storm } from './rows/storm.ts'
import { tokenEnd } from './rows/token-end.ts'
import { unload } from './rows/unload.ts'
import { vanished } from './rows/vanished.ts'

export const rows: readonly Row[] = [
  kill,
  powerCut,
  latency,
  hostile,
  mutation,
  simulation,
  scripts,
  slowReader,
  diskFailure,
  corruption,
  heal,
  backup,
  storm,
  vanished,
  tokenEnd,
  hostileAccess,
  readOnly,
  unload,
  soak,
  noise,
]
