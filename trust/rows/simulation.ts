/** Row 6: the protocol in a world of its own, with a network, a disk and a clock that do their worst. */
import type { Lab } from '../lab.ts'
import { exactly, type Row } from '../row.ts'
import { plantedBugs } from '../simulation/faults.ts'
import { isFound, simulate } from '../simulation/simulate.ts'

const LONG_SEEDS = 10_000
const SHORT_SEEDS = 120
/** So many of them are lived through twice. */
const REPEATED = { long: 200, short: 10 } as const
/** A planted bug has to show in one of so many seeds. */
const SEEDS_FOR_A_BUG = 200
const BUGS_AT_ONCE = 2

export const simulation: Row = {
  number: 6,
  promise:
    'Whatever network, disk, server and pages do: nothing acknowledged or shown is lost, and all are equal in the end',
  control: `${Object.keys(plantedBugs).length} planted bugs, of which each has to be found`,
  limits: { violations: exactly(0), 'seeds that are not the same twice': exactly(0) },
  async measure(lab, subject) {
    const first = 1 + Math.floor(lab.random() * 2 ** 30)
    if (subject !== 'weft') return { violations: await bugsFound(lab, first), 'seeds that are not the same twice': 0 }
    const seeds = lab.isShort ? SHORT_SEEDS : Math.ceil(LONG_SEEDS * lab.scale)
    const outcomes = await simulate(lab, { scenario: 'trouble', from: first, to: first + seeds })
    const again = Math.min(seeds, lab.isShort ? REPEATED.short : REPEATED.long)
    const repeated = await simulate(lab, { scenario: 'trouble', from: first, to: first + again })
    return {
      // One would have ended the measurement, with its seed.
      violations: 0,
      'seeds that are not the same twice': repeated.filter(({ hash }, at) => hash !== outcomes[at]?.hash).length,
      seeds,
      'changes made': outcomes.reduce((sum, { changes }) => sum + changes, 0),
    }
  },
}

/** How many of the planted bugs were found, if all were; else 0. */
async function bugsFound(lab: Lab, first: number): Promise<number> {
  const bugs = Object.entries(plantedBugs)
  let found = 0
  const findNext = async (): Promise<void> => {
    for (let bug = bugs.shift(); bug !== undefined; bug = bugs.shift()) {
      const [what, mutant] = bug
      const orders = { scenario: 'trouble', from: first, to: first + SEEDS_FOR_A_BUG } as const
      if (await isFound(lab, mutant, orders)) found++
      else lab.progress(`not found: a server or client that ${what}`)
    }
  }
  await Promise.all(Array.from({ length: BUGS_AT_ONCE }, findNext))
  return found === Object.keys(plantedBugs).length ? found : 0
}
