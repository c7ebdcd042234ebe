/** Runs seeds in as many processes as there are processors, since each has a clock of its own. */
import { spawn } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Lab } from '../lab.ts'
import { type Mutant, mutate } from '../mutants/mutant.ts'
import { type Orders, type Outcome, STOP_AT_VIOLATION } from './orders.ts'

const PROCESS = fileURLToPath(new URL('./process.js', import.meta.url))

/** What came of every seed of `orders`, in their order. Rejects with the seed, and how to run it again, when one violates. */
export async function simulate(lab: Lab, { scenario, from, to }: Orders): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = []
  const share = Math.ceil((to - from) / availableParallelism())
  const shares = Array.from({ length: Math.ceil((to - from) / share) }, (_, at) => ({
    scenario,
    from: from + at * share,
    to: Math.min(to, from + (at + 1) * share),
  }))
  const tell = (outcome: Outcome): void => {
    outcomes.push(outcome)
    if (outcomes.length % 10 === 0) lab.progress(`${outcomes.length} of ${to - from} seeds`)
  }
  await Promise.all(shares.map((orders) => runProcess(lab, { orders, mutant: null, tell })))
  const worst = outcomes.find(({ violation }) => violation !== null)
  if (worst !== undefined) {
    const again = JSON.stringify({ scenario, from: worst.seed, to: worst.seed + 1 })
    throw new Error(`${worst.violation}; again: node dist/trust/simulation/process.js '${again}'`)
  }
  return outcomes.sort((a, b) => a.seed - b.seed)
}

/** Whether a fault shows in one of the seeds of `orders`. */
export async function isFound(lab: Lab, mutant: Mutant, orders: Orders): Promise<boolean> {
  let isViolated = false
  const tell = ({ violation }: Outcome): void => {
    isViolated ||= violation !== null
  }
  await runProcess(lab, { orders, mutant, tell })
  return isViolated
}

interface Run {
  readonly orders: Orders
  readonly mutant: Mutant | null
  readonly tell: (outcome: Outcome) => void
}

async function runProcess(lab: Lab, { orders, mutant, tell }: Run): Promise<void> {
  const changed = mutant === null ? { args: [], env: {} } : mutate(mutant)
  const args = [...changed.args, PROCESS, JSON.stringify(orders), STOP_AT_VIOLATION]
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...changed.env },
  })
  lab.atEnd(() => child.kill('SIGKILL'))
  const complaints: string[] = []
  child.stderr.setEncoding('utf8').on('data', (text: string) => complaints.push(text))
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  for await (const line of createInterface({ input: child.stdout })) tell(JSON.parse(line) as Outcome)
  if ((await ended) !== 0) throw new Error(`A simulation ended early: ${complaints.join('').slice(0, 2_000)}`)
}
