/** Every row of the scorecard that can be run, in its order. */
import type { Row } from './row.ts'
import { kill } from './rows/kill.ts'

export const rows: readonly Row[] = [kill]
