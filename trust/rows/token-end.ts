/** Row 15: tokens that end, by themselves or because they are revoked, and tokens that are renewed in time. */
import { setTimeout as sleep } from 'node:timers/promises'
import { DIALECTS } from '../access/member.ts'
import { PersistentWriter, stampsIn } from '../access/persistent-writer.ts'
import { ask, json, operatorSecret, tokenOf, tokenServer } from '../access/token-server.ts'
import type { Lab } from '../lab.ts'
import type { Mutant } from '../mutants/mutant.ts'
import { atMost, exactly, type Row, type Subject } from '../row.ts'
import type { ServerProcess } from '../server-process.ts'
import { lostIn, promisedTo, Typist } from '../typists.ts'
import { until } from '../until.ts'

/** Asks for a fresh token when the old one is over, and goes on taking what comes. */
const forgetsTheEnd: Mutant = {
  module: 'core/live-grant.js',
  find: 'if (this.#expiresAtMs !== Infinity && Date.now() >= this.#expiresAtMs)',
  replace: 'if (false)',
}

const ENDS = ['expiry', 'token', 'user', 'document'] as const
const MAX_LIFE_MS = 1_500
/** Writing goes on for this long after the end. */
const AFTER_MS = 2_500

const TYPISTS = 10
const PAUSE_MS = 20
/** Renewed every 3.2 s. */
const RENEWED_LIFE_MS = 4_000

export const tokenEnd: Row = {
  number: 15,
  promise: 'When a token expires or is revoked nothing more is written; when it is renewed nothing is lost',
  control: 'goes on taking what comes after the end',
  limits: {
    'latest write taken after the end, ms': atMost(1_000, { short: 2_000 }),
    'letters lost at a renewal': exactly(0),
    'connections lost at a renewal': exactly(0),
  },
  async measure(lab, subject) {
    const server = await tokenServer(lab, { mutant: subject === 'control' ? forgetsTheEnd : null })
    const rounds = lab.isShort || subject === 'control' ? 1 : Math.ceil(20 * lab.scale)
    const tally = { latestMs: 0, ends: 0, taken: 0 }
    for (let round = 0; round < rounds; round++) {
      lab.progress(`round ${round} of ${rounds}, the latest write ${tally.latestMs} ms after the end`)
      await endTokens(lab, server, { round, tally })
    }
    return {
      'latest write taken after the end, ms': tally.latestMs,
      ...(await renewTokens(lab, server, subject)),
      'tokens ended': tally.ends,
      'writes taken': tally.taken,
    }
  },
}

interface Round {
  readonly round: number
  readonly tally: { latestMs: number; ends: number; taken: number }
}

/** People write in every dialect and by request; their tokens end in every way, and they go on. */
async function endTokens(lab: Lab, server: ServerProcess, { round, tally }: Round): Promise<void> {
  const lifeMs = MAX_LIFE_MS * (0.6 + 0.4 * lab.random())
  const endMs = Date.now() + lifeMs
  const people = ENDS.flatMap((end) =>
    Object.values(DIALECTS).map((wire, at) => {
      const id = `${end}-${round}-${at}`
      const token = tokenOf({
        user: id,
        id,
        role: 'editor',
        ...(end === 'expiry' ? { lifeMs: endMs - Date.now() } : {}),
      })
      return { end, id, writer: new PersistentWriter(server.url, wire, { document: id, token }) }
    }),
  )
  await Promise.all(people.map(({ writer }) => writer.start()))
  await sleep(endMs - Date.now())
  const operator = await operatorSecret(server)
  const ended = await Promise.all(
    people.map(async ({ end, id, writer }) => {
      if (end === 'expiry') return { writer, atMs: endMs }
      const atMs = Date.now()
      await ask(`${server.url}/api/v1/operator/revoke`, operator, json('POST', { kind: end, id }))
      return { writer, atMs }
    }),
  )
  await sleep(AFTER_MS)
  await Promise.all(people.map(({ writer }) => writer.stop()))

  const owner = tokenOf({ user: 'owner', role: 'owner' })
  for (const { writer, atMs } of ended) {
    const answer = await ask(`${server.url}/d/${writer.document}/as-update`, owner)
    const stamps = stampsIn(new Uint8Array(await answer.arrayBuffer()))
    // Who could not write before cannot show that it stops.
    if (stamps.length === 0) throw new Error(`Nothing of ${writer.document} was ever taken.`)
    tally.latestMs = Math.max(tally.latestMs, ...stamps.map((stampMs) => stampMs - atMs))
    tally.taken += stamps.length
    tally.ends++
  }
}

/** People type while their tokens are renewed, again and again. */
async function renewTokens(lab: Lab, server: ServerProcess, subject: Subject) {
  lab.progress('people type while their tokens are renewed')
  let [tokens, disconnects] = [0, 0]
  const cast = Array.from({ length: TYPISTS }, (_, at) => {
    const name = `typist ${at}`
    const auth = (): string => {
      tokens++
      return tokenOf({ user: name, role: 'editor', lifeMs: RENEWED_LIFE_MS })
    }
    return new Typist(lab.client(server.url, 'renewed', { auth }), name)
  })
  await Promise.all(cast.map(({ client }) => client.whenSynced))
  for (const { client } of cast) client.on('status', ({ status }) => (disconnects += status === 'disconnected' ? 1 : 0))
  for (const typist of cast) typist.start(PAUSE_MS)
  await sleep(typingMs(lab, subject))
  for (const typist of cast) typist.stop()
  await until(() => cast.every(({ client }) => client.unsaved === 0))

  const witness = lab.client(server.url, 'renewed', { auth: () => tokenOf({ user: 'owner', role: 'owner' }) })
  await witness.whenSynced
  return {
    'letters lost at a renewal': lostIn(witness.doc, promisedTo(cast)),
    'connections lost at a renewal': disconnects,
    renewals: tokens - TYPISTS,
    'letters typed': cast.reduce((sum, { typed }) => sum + typed, 0),
  }
}

/** The control's fault shows elsewhere. */
function typingMs({ isShort, scale }: Lab, subject: Subject): number {
  if (subject === 'control') return 500
  return isShort ? 5_000 : 60_000 * scale
}
