/** Row 21: people from afar go as far as each limit lets them, and others type next door. */
import { setTimeout as sleep } from 'node:timers/promises'
import { tokenOf, tokenServer } from '../access/token-server.ts'
import { shareCores } from '../cores.ts'
import { Watch } from '../hostile/watch.ts'
import type { Lab } from '../lab.ts'
import { median } from '../../bench/report/stats.ts'
import { NextDoor } from '../../bench/neighbour/next-door.ts'
import { NoiseMaker } from '../neighbour/noise-maker.ts'
import { largeUpdates, LIBRARY, manyLetters, MAX_CONNECTIONS, type Noise, noises } from '../neighbour/noises.ts'
import { Visitors } from '../neighbour/visitors.ts'
import { atMost, type Row, type Subject } from '../row.ts'
import { settle } from '../settle.ts'

/** Next door it is as busy as in row 3, in as many documents. */
const ROOMS = 25
const LETTERS_PER_SECOND = 20

/** Of one quiet window, and of one noisy one: long enough for a burst and for the pace that follows it. */
const QUIET_MS = { short: 400, long: 1_500 } as const
const NOISE_MS = { short: 400, long: 4_000 } as const
const ROUNDS = { short: 1, long: 5 } as const

/** Of the round before them, which does not count. */
const FIRST_NOISE_MS = 1_000
const LETTERS_IN_LIBRARY = 5_000
const QUIET = 'quiet'

/** What docs/operations.md says for a machine with few cores. */
const ONE_CORE = { NODE_OPTIONS: '--v8-pool-size=1 --max-semi-space-size=1' }

/** How long what the noise left to do is waited for. */
const SETTLE_MS = { short: 500, long: 15_000 } as const

export const noise: Row = {
  number: 21,
  promise: 'Whoever makes noise is not heard in other rooms, whatever limit they go to',
  control: 'reads updates of any size on the event loop',
  limits: {
    'worst p99, × quiet': atMost(2, { short: 1_000 }),
    'longest stall, ms': atMost(50, { short: 150 }),
  },
  async measure(lab, subject) {
    const form = lab.isShort ? 'short' : 'long'
    // The tests share the machine, and are told little by times anyway.
    const under = lab.isShort ? [] : shareCores(lab)
    const env = under.length > 0 ? ONE_CORE : {}
    const server = await tokenServer(lab, { args: argsFor(subject), under, env })
    const port = Number(new URL(server.url).port)
    const token = tokenOf({ user: 'next door', role: 'editor' })
    const watched = { port, pid: server.pid, path: `/ws/watched?token=${token}`, wire: 'y-websocket' } as const
    const watch = await Watch.start(watched)
    lab.atEnd(() => watch.stop())
    const nextDoor = await NextDoor.start({ port, token, rooms: ROOMS, lettersPerSecond: LETTERS_PER_SECOND })
    lab.atEnd(() => nextDoor.stop())
    const librarian = new Visitors(server.url, { document: LIBRARY, address: addressOf(0), lifeMs: 0 })
    const books = Uint8Array.from(manyLetters(LETTERS_IN_LIBRARY))
    await librarian.request(`/d/${LIBRARY}/update`, { method: 'POST', body: books })

    const noiseMaker = await NoiseMaker.start(server.url)
    lab.atEnd(() => noiseMaker.stop())

    let longestMs = 0
    const chosen = noisesFor(lab, subject)
    // What a server compiles once is no noise. The tests tell little by times anyway.
    for (const [at, { name }] of lab.isShort ? [] : chosen.entries()) {
      lab.progress(`first, ${name}`)
      await noiseMaker.prepare(name)
      await noiseMaker.make({ document: `first-${at}`, address: addressOf(1 + at), lifeMs: FIRST_NOISE_MS })
    }
    for (let round = 0; round < ROUNDS[form]; round++) {
      for (const [at, { name }] of chosen.entries()) {
        lab.progress(`round ${round}, ${name}`)
        await noiseMaker.prepare(name)
        await settle(server.pid, SETTLE_MS[form])
        await nextDoor.during([QUIET], () => sleep(QUIET_MS[form]))
        await watch.longest()
        const address = addressOf(1 + at + (1 + round) * chosen.length)
        const visit = { document: `noisy-${at}-${round}`, address, lifeMs: NOISE_MS[form] }
        await nextDoor.during([inRound(name, round)], () => noiseMaker.make(visit))
        longestMs = Math.max(longestMs, await watch.longest())
      }
    }
    const quietMs = await nextDoor.percentile(QUIET, 0.99)
    const ratios: Record<string, number> = {}
    for (const { name } of chosen) {
      const rounds = Array.from({ length: ROUNDS[form] }, (_, round) => nextDoor.percentile(inRound(name, round), 0.99))
      const p99sMs = await Promise.all(rounds)
      lab.progress(`${name}: ${p99sMs.map((ms) => ms.toFixed(1)).join(', ')} ms`)
      ratios[name] = median(p99sMs) / quietMs
    }
    return {
      'worst p99, × quiet': Math.max(...Object.values(ratios)),
      'longest stall, ms': longestMs,
      'quiet p99, ms': quietMs,
      ...ratios,
    }
  },
}

/** What is counted of a noise in one round. */
function inRound(name: string, round: number): string {
  return `${name}, round ${round}`
}

/** One of a few hundred, of those that are for examples. */
function addressOf(visit: number): string {
  return `203.0.113.${1 + visit}`
}

/** Limits of connections that a row can go to. */
function argsFor(subject: Subject): readonly string[] {
  const limits = ['address', 'user', 'document'].flatMap((one) => [
    `--max-connections-per-${one}`,
    String(MAX_CONNECTIONS),
  ])
  // At the usual pace a large update takes longer to arrive than a noise of the tests lasts.
  const fault = subject === 'control' ? ['--inline-walk-bytes', String(2 ** 30), '--byte-burst', String(2 ** 24)] : []
  return ['--trusted-proxies', '127.0.0.1', ...limits, ...fault]
}

function noisesFor({ isShort }: Lab, subject: Subject): readonly Noise[] {
  if (subject === 'control') return [largeUpdates]
  // Something of everything in the tests.
  return isShort ? noises.filter((_, at) => at % 4 === 0) : noises
}
