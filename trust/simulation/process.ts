/**
 * A process with virtual time: lives through the seeds it is told, and tells what came of each, one line of JSON a seed.
 * By hand: `node dist/trust/simulation/process.js '{"scenario":"trouble","from":7,"to":8}'`.
 */
import { Chance } from './chance.ts'
import { VirtualClock } from './clock.ts'
import { STOP_AT_VIOLATION, type Orders } from './orders.ts'

const orders = JSON.parse(process.argv[2] ?? '') as Orders
const clock = new VirtualClock()
const chance = new Chance()
clock.install()
chance.install()
// Whatever reads the clock, or draws, is loaded only now.
const { scenarios } = await import('./scenarios.ts')
const live = scenarios[orders.scenario]
// Each provider listens for the exit of the process.
process.setMaxListeners(0)

for (let seed = orders.from; seed < orders.to; seed++) {
  clock.reset()
  chance.reset(seed)
  const outcome = await live(clock, seed)
  process.stdout.write(`${JSON.stringify(outcome)}\n`)
  if (outcome.violation !== null && process.argv.includes(STOP_AT_VIOLATION)) break
}
