/** S7: carets that move, and nothing else. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from '../wire/client.ts'
import { prepareMoves, readMoves } from '../load/cursors.ts'
import { Histogram } from '../report/histogram.ts'
import { ALL, type Scenario } from './scenario.ts'

const PEOPLE = 200

/** So that the floor keeps up: 80,000 deliveries a second. */
const PER_SECOND = 2

const PATIENCE_MS = 10_000
const MICROSECONDS = 1e6

export const cursors: Scenario = {
  id: 'S7',
  title: '200 cursors in one room, each moving twice a second',
  targets: ALL,
  async run(lab) {
    const server = await lab.start()
    const { protocol } = lab.target
    const document = 'cursors'
    const warmUp = 2 * PER_SECOND
    const moves = warmUp + PER_SECOND * (lab.isQuick ? 3 : 8)
    const clients: Client[] = []
    for (let at = 0; at < PEOPLE; at++) clients.push(await Client.join({ port: server.port, protocol, document }))
    const scripts = clients.map((_, person) => prepareMoves(person, moves, protocol, document))

    // Per reader and person the last clock seen; `states` counts those that are new to a reader.
    const seen = clients.map(() => new Int32Array(PEOPLE))
    const sentAtMs = Array.from({ length: PEOPLE }, () => new Float64Array(moves + 1))
    const latencies = new Histogram()
    let states = 0
    clients.forEach((client, own) => {
      client.listener = (kind, cursor) => {
        if (kind !== 'awareness') return
        const nowMs = performance.now()
        readMoves(cursor, (person, clock) => {
          const known = seen[own]?.[person] ?? 0
          if (person === own || clock <= known) return
          seen[own]?.fill(clock, person, person + 1)
          states++
          if (clock > warmUp) latencies.add(nowMs - (sentAtMs[person]?.[clock] ?? nowMs))
        })
      }
    })

    const move = async (from: number, to: number): Promise<void> => {
      const startMs = performance.now()
      const total = (to - from) * PEOPLE
      for (let sent = 0; sent < total;) {
        const due = Math.min(total, Math.floor(((performance.now() - startMs) / 1000) * PER_SECOND * PEOPLE))
        for (; sent < due; sent++) {
          const person = sent % PEOPLE
          const at = from + Math.floor(sent / PEOPLE)
          const script = scripts[person]
          if (script === undefined) continue
          sentAtMs[person]?.fill(performance.now(), at + 1, at + 2)
          clients[person]?.write(script.frames.subarray(at === 0 ? 0 : script.ends[at - 1], script.ends[at]))
        }
        await sleep(1)
      }
    }
    const everybodyKnows = async (clock: number): Promise<boolean> => {
      for (const endMs = performance.now() + PATIENCE_MS; performance.now() < endMs;) {
        if (seen.every((clocks, own) => clocks.every((last, person) => person === own || last >= clock))) return true
        await sleep(2)
      }
      return false
    }

    await move(0, warmUp)
    await everybodyKnows(warmUp)
    await server.whenQuiet(2_000)
    const before = { cpu: server.cpuSeconds(), states }
    await move(warmUp, moves)
    const isComplete = await everybodyKnows(moves)
    const cpu = server.cpuSeconds() - before.cpu
    await Promise.all(clients.map((client) => client.close()))

    const due = (moves - warmUp) * PEOPLE * (PEOPLE - 1)
    return {
      microsecondsPerDelivery: (cpu / due) * MICROSECONDS,
      // Less than 1 where a server leaves out positions that are outdated when it sends.
      shownPart: (states - before.states) / due,
      p50Ms: latencies.percentile(0.5),
      p99Ms: latencies.percentile(0.99),
      isComplete: isComplete ? 1 : 0,
    }
  },
}
