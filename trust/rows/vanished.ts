/** Row 14: people whose machine or network is gone without a sign; how long the others see them still. */
import { setTimeout as sleep } from 'node:timers/promises'
import { DIALECTS } from '../access/member.ts'
import { Cable } from '../cable.ts'
import { HonestClient } from '../hostile/honest-client.ts'
import type { Lab } from '../lab.ts'
import { PresenceWatch } from '../presence-watch.ts'
import { atMost, exactly, type Row, type Subject } from '../row.ts'
import type { ServerProcess } from '../server-process.ts'
import { until } from '../until.ts'

const SHORT_KEEP_ALIVE_MS = 500
const ONCE_A_DAY_MS = 86_400_000
/** After this long somebody is counted as never gone. */
const PATIENCE_MS = { short: 12_000, long: 60_000 } as const

export const vanished: Row = {
  number: 14,
  promise: 'Whoever vanishes without a sign is soon gone for the others, and nobody else is',
  control: 'asks for a sign of life once a day',
  limits: {
    'slowest to be gone, s': atMost(45, { short: 10 }),
    'vanished who are never gone': exactly(0),
    'people gone who are there': exactly(0),
  },
  async measure(lab, subject) {
    const server = await lab.server({ args: keepAliveFor(lab, subject) })
    const rounds = lab.isShort || subject === 'control' ? 1 : Math.ceil(3 * lab.scale)
    const tally = { slowestMs: 0, never: 0, wronged: 0, vanished: 0 }
    for (let round = 0; round < rounds; round++) {
      lab.progress(`round ${round} of ${rounds}, the slowest gone after ${(tally.slowestMs / 1_000).toFixed(1)} s`)
      await vanish(lab, server, { document: `vanished-${round}`, tally })
    }
    return {
      'slowest to be gone, s': tally.slowestMs / 1_000,
      'vanished who are never gone': tally.never,
      'people gone who are there': tally.wronged,
      'people who vanished': tally.vanished,
    }
  },
}

interface Scene {
  readonly document: string
  readonly tally: { slowestMs: number; never: number; wronged: number; vanished: number }
}

/** In each dialect one network swallows everything, one machine is frozen, and one person stays; watched in each dialect. */
async function vanish(lab: Lab, server: ServerProcess, { document, tally }: Scene): Promise<void> {
  const wires = Object.values(DIALECTS)
  const lost: { readonly client: number; readonly cable: Cable; readonly frozen: boolean }[] = []
  const staying: number[] = []
  const join = async (url: string, at: number, name: string): Promise<number> => {
    const wire = wires[at]
    if (wire === undefined) throw new Error(`There is no dialect ${at}.`)
    const person = await HonestClient.join(Number(new URL(url).port), wire, { document, name })
    lab.atEnd(() => person.close())
    return person.doc.clientID
  }
  for (const at of wires.keys()) {
    for (const frozen of [false, true]) {
      const cable = await Cable.lay(server.url)
      lab.atEnd(() => cable.close())
      lost.push({ client: await join(cable.url, at, frozen ? 'frozen' : 'swallowed'), cable, frozen })
    }
    staying.push(await join(server.url, at, 'staying'))
  }
  const clients = [...lost.map(({ client }) => client), ...staying]
  const watches = await Promise.all(
    wires.map((wire) => PresenceWatch.start(lab, server.url, { wire, document, clients })),
  )
  // Anywhere between two signs of life.
  await sleep(lab.random() * (lab.isShort ? SHORT_KEEP_ALIVE_MS : 20_000))
  for (const { cable, frozen } of lost) cable.swallow({ frozen })
  const patienceMs = lab.isShort ? PATIENCE_MS.short : PATIENCE_MS.long
  const waits = await Promise.all(
    lost.map(({ client }) =>
      until(() => !watches.some((watch) => watch.sees(client)), patienceMs).catch(() => Number.POSITIVE_INFINITY),
    ),
  )
  tally.vanished += lost.length
  tally.never += waits.filter((ms) => ms === Number.POSITIVE_INFINITY).length
  tally.slowestMs = Math.max(tally.slowestMs, ...waits.filter((ms) => ms !== Number.POSITIVE_INFINITY))
  tally.wronged += staying.filter((client) => !watches.every((watch) => watch.sees(client))).length
}

function keepAliveFor({ isShort }: Lab, subject: Subject): readonly string[] {
  if (subject === 'control') return ['--keep-alive-ms', String(ONCE_A_DAY_MS)]
  return isShort ? ['--keep-alive-ms', String(SHORT_KEEP_ALIVE_MS)] : []
}
