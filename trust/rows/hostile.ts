/** Row 4: hostile messages, frames and requests, with two honest people in the room and others next door. */
import { setTimeout as sleep } from 'node:timers/promises'
import { attack, type Harm, isExpected, type Target, type Verdict, wiresOf } from '../hostile/attack.ts'
import type { HostileCase } from '../hostile/case.ts'
import { corpus, dawdlers } from '../hostile/corpus.ts'
import { workHonestly } from '../hostile/honest-work.ts'
import { Watch } from '../hostile/watch.ts'
import { weftPaths, wireAt, WIRES } from '../hostile/wires.ts'
import type { Lab } from '../lab.ts'
import type { Mutant } from '../mutants/mutant.ts'
import { residentBytes } from '../proc.ts'
import { atMost, exactly, type Measures, type Row, type Subject } from '../row.ts'
import { attackPeer } from '../peers/attack-peer.ts'
import type { ServerProcess } from '../server-process.ts'

const MB = 1e6

/** How often honest work is done before memory is measured: often enough that more of it takes little more. */
const HONEST_ROUNDS = 6
const IDLE_MS = 1_000
const PATIENCE_MS = 40_000
/** Documents nobody has open, and threads without work, leave memory meanwhile. */
const REST_MS = 5_000

const takesEmptyStructs: Mutant = {
  module: 'update/update-reader.js',
  find: "if (length === 0)\n            input.fail('holds a struct of no length');",
  replace: '',
}

const HARMS: Readonly<Record<Harm, string>> = {
  'server died': 'deaths',
  'false acknowledgement': 'false acknowledgements',
  'honest edit lost': 'honest edits lost',
  'fresh client did not sync': 'fresh clients that did not sync',
  'client threw': 'clients that threw',
  'replicas differ': 'replicas that differ',
  'presence forged': 'forged presence',
}

export const hostile: Row = {
  number: 4,
  promise: 'Hostile messages, frames and requests harm nobody else',
  control: 'takes structs of no length',
  limits: {
    ...Object.fromEntries(Object.values(HARMS).map((name) => [name, exactly(0)])),
    'outcomes that are not documented': exactly(0),
    'longest stall, ms': atMost(50),
    // What a third of the corpus takes after one round of honest work says little.
    'memory growth, MB': atMost(64, { short: 256 }),
  },
  peers: ['hocuspocus', 'y-websocket'],
  async measure(lab, subject) {
    if (subject === 'hocuspocus' || subject === 'y-websocket') return attackPeer(lab, subject)
    const server = await lab.server({
      args: ['--room-idle-ms', String(IDLE_MS), '--idle-thread-ms', String(IDLE_MS)],
      mutant: subject === 'control' ? takesEmptyStructs : null,
    })
    const target = targetOf(server)
    const watch = await Watch.start({
      port: target.port,
      pid: server.pid,
      path: '/ws/watched',
      wire: 'y-websocket',
    })
    lab.atEnd(() => watch.stop())
    const tally = new Tally()
    const coldBytes = residentBytes(server.pid)
    for (let round = 0; round < (lab.isShort ? 1 : HONEST_ROUNDS); round++) {
      for (const wire of lab.isShort ? WIRES.slice(0, 1) : WIRES) await workHonestly(target, wire)
    }
    await sleep(lab.isShort ? 0 : REST_MS)
    const before = residentBytes(server.pid)
    await watch.longest()
    for (const [at, one] of casesFor(lab, subject).entries()) {
      const wires = wiresOf(one)
      // In the tests the dialects take turns.
      for (const wire of lab.isShort ? [wires[at % wires.length] ?? 'y-websocket'] : wires) {
        lab.progress(`${one.name} (${wire})`)
        const verdict = await attack(target, one, wire)
        if (verdict !== null) tally.add(one, verdict, await watch.longest())
      }
      if (!target.isAlive()) break
    }
    await sleep(REST_MS)
    for (const line of tally.complaints) lab.progress(line)
    const bytes = residentBytes(server.pid)
    return {
      ...tally.measures,
      'memory growth, MB': (bytes - before) / MB,
      'memory growth from the start, honest work included, MB': (bytes - coldBytes) / MB,
    }
  },
}

function casesFor({ isShort }: Lab, subject: Subject): readonly HostileCase[] {
  if (subject === 'control') return corpus.filter(({ name }) => name.includes('struct of no length'))
  // A third of the corpus in the tests, something of everything.
  return isShort ? corpus.filter((_, at) => at % 3 === 0) : [...corpus, ...dawdlers]
}

function targetOf(server: ServerProcess): Target {
  let isAlive = true
  void server.whenEnded.then(() => (isAlive = false))
  return {
    port: Number(new URL(server.url).port),
    wire: (name) => wireAt(weftPaths, name),
    acknowledges: true,
    patienceMs: PATIENCE_MS,
    isAlive: () => isAlive,
  }
}

class Tally {
  readonly complaints: string[] = []
  readonly #counts = new Map<string, number>(Object.values(HARMS).map((name) => [name, 0]))
  #cases = 0
  #undocumented = 0
  #longestMs = 0

  add(one: HostileCase, verdict: Verdict, stallMs: number): void {
    this.#cases++
    for (const harm of verdict.harm) this.#counts.set(HARMS[harm], (this.#counts.get(HARMS[harm]) ?? 0) + 1)
    const isDocumented = isExpected(one, verdict)
    if (!isDocumented) this.#undocumented++
    this.#longestMs = Math.max(this.#longestMs, stallMs)
    if (isDocumented && verdict.harm.length === 0 && stallMs <= 50) return
    this.complaints.push(
      `${one.name} (${verdict.wire}): ${[verdict.outcome ?? 'silence', ...verdict.harm, `${stallMs.toFixed(0)} ms`].join(', ')}`,
    )
  }

  get measures(): Measures {
    return {
      ...Object.fromEntries(this.#counts),
      'outcomes that are not documented': this.#undocumented,
      'longest stall, ms': this.#longestMs,
      cases: this.#cases,
    }
  }
}
