/** Row 19: rooms thrown out at random moments, while people come, type and leave. */
import { exactly, type Row } from '../row.ts'
import { unloadsTooEarly } from '../simulation/faults.ts'
import { isFound, simulate } from '../simulation/simulate.ts'

/** Of 50 visits each. */
const LONG_SEEDS = 2_000
const SHORT_SEEDS = 20
const SEEDS_FOR_THE_BUG = 100

export const unload: Row = {
  number: 19,
  promise: 'Nobody loses anything to a room that is unloaded, however they come and go',
  control: 'unloads a room while a commit is under way',
  limits: { violations: exactly(0) },
  async measure(lab, subject) {
    const from = 1 + Math.floor(lab.random() * 2 ** 30)
    if (subject !== 'weft') {
      const orders = { scenario: 'visits', from, to: from + SEEDS_FOR_THE_BUG } as const
      return { violations: (await isFound(lab, unloadsTooEarly, orders)) ? 1 : 0 }
    }
    const seeds = lab.isShort ? SHORT_SEEDS : Math.ceil(LONG_SEEDS * lab.scale)
    const outcomes = await simulate(lab, { scenario: 'visits', from, to: from + seeds })
    return {
      // One would have ended the measurement, with its seed.
      violations: 0,
      visits: outcomes.reduce((sum, { visits }) => sum + visits, 0),
      'changes made': outcomes.reduce((sum, { changes }) => sum + changes, 0),
    }
  },
}
