/** Row 1: SIGKILL at random moments while people type. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Lab } from '../lab.ts'
import type { Mutant } from '../mutants/mutant.ts'
import { killPeer } from '../peers/kill-peer.ts'
import { atMost, exactly, type Measures, type Row, type Subject } from '../row.ts'
import type { ServerProcess } from '../server-process.ts'
import { differing, promisedTo, Typist } from '../typists.ts'
import { until } from '../until.ts'
import { lostAt } from '../witness.ts'

const TYPISTS = 20
const DOCUMENTS = 4
const PAUSE_MS = 25
/** Typing goes on for at most this long before the next kill. */
const MAX_TYPING_MS = 500
/** New people in new documents after so many kills: documents of a day's size, not of a year's. */
const KILLS_PER_CAST = 10

/** Says that a commit is on disk a tenth of a second before it is. */
const answersEarly: Mutant = {
  module: 'store/journal.js',
  find: 'this.#statements.insert.run(id, payload, checksum, encoding);',
  replace: 'setTimeout(() => this.#statements.insert.run(id, payload, checksum, encoding), 100);',
}

export const kill: Row = {
  number: 1,
  promise: 'Acknowledged edits survive SIGKILL',
  control: 'acknowledges 100 ms before it writes',
  limits: {
    'edits lost': exactly(0),
    'replicas that differ': exactly(0),
    'slowest return, ms': atMost(2_000, { short: 20_000 }),
  },
  peers: ['hocuspocus', 'y-websocket'],
  async measure(lab, subject) {
    if (subject !== 'weft' && subject !== 'control') return killPeer(lab, subject)
    const kills = killsFor(lab, subject)
    const server = await lab.server({ mutant: subject === 'control' ? answersEarly : null })
    const tally = { lost: 0, differing: 0, slowestMs: 0, acknowledged: 0 }
    for (let done = 0; done < kills && (subject === 'weft' || tally.lost === 0); done += KILLS_PER_CAST) {
      const cast = await typistsIn(lab, server, done)
      for (let round = 0; round < Math.min(KILLS_PER_CAST, kills - done); round++) {
        lab.progress(`${done + round} of ${kills} kills, ${tally.acknowledged} edits acknowledged, ${tally.lost} lost`)
        await killOnce(lab, { server, cast, tally })
        // A server that lied knows of edits it does not have: whether anybody can come back to it is its own affair.
        if (subject === 'control' && tally.lost > 0) break
        await comeBack({ cast, tally })
      }
      for (const { client } of cast) client.destroy()
      tally.acknowledged += cast.reduce((sum, { typed }) => sum + typed, 0)
    }
    return {
      'edits lost': tally.lost,
      'replicas that differ': tally.differing,
      'slowest return, ms': tally.slowestMs,
      kills,
      typists: TYPISTS,
      'edits acknowledged': tally.acknowledged,
    } satisfies Measures
  },
}

interface Scene {
  readonly server: ServerProcess
  readonly cast: readonly Typist[]
  readonly tally: { lost: number; differing: number; slowestMs: number }
}

/** Lets the cast type, kills the server, and looks at what is left before the cast can bring it back. */
async function killOnce(lab: Lab, { server, cast, tally }: Scene): Promise<void> {
  for (const typist of cast) typist.start(PAUSE_MS)
  await sleep(lab.random() * MAX_TYPING_MS)
  await server.kill()
  for (const { client } of cast) client.disconnect()
  for (const typist of cast) typist.stop()

  const killedMs = performance.now()
  await server.start()
  for (const document of new Set(cast.map(({ client }) => client.document))) {
    const there = cast.filter(({ client }) => client.document === document)
    tally.lost += await lostAt(lab, server.url, document, promisedTo(there))
    tally.slowestMs = Math.max(tally.slowestMs, performance.now() - killedMs)
  }
}

/** Lets the cast come back to what is left, and waits until all of it is in step. */
async function comeBack({ cast, tally }: Omit<Scene, 'server'>): Promise<void> {
  for (const { client } of cast) client.connect()
  await until(() => cast.every(({ client }) => client.synced && client.unsaved === 0))
  for (const document of new Set(cast.map(({ client }) => client.document))) {
    const there = cast.filter(({ client }) => client.document === document)
    // Told saved, and shown to the others a moment later.
    await until(() => differing(there) === 0, 5_000).catch(() => {
      tally.differing += differing(there)
    })
  }
}

async function typistsIn(lab: Lab, server: ServerProcess, from: number): Promise<readonly Typist[]> {
  const cast = Array.from({ length: TYPISTS }, (_, index) => {
    const client = lab.client(server.url, `kill ${from} ${index % DOCUMENTS}`)
    return new Typist(client, `typist ${index}`)
  })
  await Promise.all(cast.map(({ client }) => client.whenSynced))
  return cast
}

function killsFor({ isShort, scale }: Lab, subject: Subject): number {
  if (subject === 'control') return 3
  return isShort ? 4 : Math.ceil(200 * scale)
}
