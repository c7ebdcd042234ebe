/** Row 16: tokens, names, addresses and imports of people with bad intentions, and what is written down of secrets. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as Y from 'yjs'
import { packUpdates } from '../../shared/update/pack.ts'
import { UpdateShape, walkUpdate } from '../../shared/update/walk.ts'
import { DOORS, HANDSHAKE, knock } from '../access/doors.ts'
import { good, HOSTILE, SECRET } from '../access/forged-tokens.ts'
import {
  FOREIGN_HOSTS,
  FOREIGN_ORIGINS,
  IMPOSSIBLE_NAMES,
  ODD_NAMES,
  OUR_ORIGIN,
  PATHS_OUT,
} from '../access/hostile-addresses.ts'
import { DIALECTS } from '../access/member.ts'
import { ask, operatorSecret, tokenOf, tokenServer } from '../access/token-server.ts'
import { makeLink } from '../access/write-paths.ts'
import type { Scene } from '../hostile/case.ts'
import { impossibleUpdates } from '../hostile/cases/impossible-updates.ts'
import type { Lab } from '../lab.ts'
import type { Mutant } from '../mutants/mutant.ts'
import { exactly, type Row } from '../row.ts'
import type { ServerProcess } from '../server-process.ts'
import { until } from '../until.ts'

const takesTokensForOthers: Mutant = { module: 'auth/jwt-authorizer.js', find: 'audience: jwtAudience,', replace: '' }

/** As what an import may say that it comes. */
const ENCODINGS = ['v1', 'v2', 'unknown'] as const

const EMPTY_UPDATE_BYTES = 2

/** The end of a token cannot be made up; shorter words occur by chance. */
const TELLING_CHARACTERS = 24

export const hostileAccess: Row = {
  number: 16,
  promise:
    'Hostile tokens, names and addresses are refused at every door, imports leave no damage, no secret is written down',
  control: 'takes tokens that are for another server',
  limits: {
    'hostile tokens let in': exactly(0),
    'doors closed to a good token': exactly(0),
    'impossible names taken': exactly(0),
    'odd names mixed up': exactly(0),
    'foreign pages and paths served': exactly(0),
    'imports that leave damage': exactly(0),
    'secrets in logs, answers and files': exactly(0),
  },
  async measure(lab, subject) {
    const server = await tokenServer(lab, {
      args: ['--origins', OUR_ORIGIN, '--log-level', 'debug'],
      mutant: subject === 'control' ? takesTokensForOthers : null,
    })
    const owner = tokenOf({ user: 'owner', role: 'owner' })
    const answers: string[] = []
    const entered = await tryTokens(lab, server.url, answers)
    const names = await tryNames(lab, server, owner)
    const addresses = await tryAddresses(lab, server.url)
    const imports = await tryImports(lab, server, owner)
    const link = await makeLink(server.url, { document: 'plan', token: owner, role: 'viewer' })
    const closed = await countClosed(server.url, [good, link ?? ''], answers)
    const operator = await operatorSecret(server)
    // Which takes the file with the operator's secret away, and leaves what was stored.
    await server.stop()
    const secrets = [SECRET, operator, good, owner, link ?? '', ...Object.values(HOSTILE)]
    return {
      ...entered,
      'doors closed to a good token': closed,
      ...names,
      ...addresses,
      ...imports,
      'secrets in logs, answers and files': await countLeaks(server, secrets, answers),
      'lines of the log': server.complaints.split('\n').length,
    }
  },
}

/** Every token at every door; in the tests at every third. */
async function tryTokens({ isShort, progress }: Lab, url: string, answers: string[]) {
  let [entered, tried] = [0, 0]
  for (const [at, [name, token]] of Object.entries(HOSTILE).entries()) {
    for (const [place, [door, enter]] of Object.entries(DOORS).entries()) {
      if (isShort && (at + place) % 3 !== 0) continue
      progress(`${name}, by ${door}`)
      // What no header or subprotocol can hold does not get as far as the server.
      const entry = await Promise.resolve({ url, document: 'plan', token })
        .then(enter)
        .catch(() => null)
      if (entry === null) continue
      tried++
      if (entry.isIn) entered++
      answers.push(entry.answer)
    }
  }
  return { 'hostile tokens let in': entered, 'tokens shown': tried }
}

/** Afterwards: whoever has what it takes is let in everywhere, so the doors are not just broken. */
async function countClosed(url: string, tokens: readonly string[], answers: string[]): Promise<number> {
  let closed = 0
  for (const token of tokens) {
    for (const [name, enter] of Object.entries(DOORS)) {
      // A viewer's link.
      if (token !== good && name === 'a request to write') continue
      const { isIn, answer } = await enter({ url, document: 'plan', token })
      if (!isIn) closed++
      answers.push(answer)
    }
  }
  return closed
}

/** Names are refused, or are keys and nothing else. */
async function tryNames(lab: Lab, { url }: ServerProcess, owner: string) {
  let taken = 0
  const headers = { authorization: `Bearer ${owner}` }
  for (const name of IMPOSSIBLE_NAMES) {
    lab.progress(`the name ${name}`)
    const visitor = { url, document: name, token: owner }
    const entries = [await DOORS['a header']?.(visitor), await DOORS['y-sweet’s query']?.(visitor)]
    taken += entries.filter((entry) => entry?.isIn === true).length
    if ((await knock(url, { path: `/api/v1/documents/${name}/history`, headers })) < 400) taken++
    if ((await knock(url, { path: `/d/${name}/as-update`, headers })) < 400) taken++
  }
  const auth = (): string => owner
  for (const document of ODD_NAMES) {
    const client = lab.client(url, document, { auth })
    await client.whenSynced
    client.doc.getText('body').insert(0, document)
    await until(() => client.unsaved === 0)
    client.destroy()
  }
  let mixedUp = 0
  const answer = await ask(`${url}/api/v1/documents`, owner)
  const { documents } = (await answer.json()) as { readonly documents: readonly { readonly document: string }[] }
  for (const document of ODD_NAMES) {
    const client = lab.client(url, document, { auth })
    await client.whenSynced
    const isListed = documents.some((one) => one.document === document)
    if (!isListed || client.doc.getText('body').toJSON() !== document) mixedUp++
    client.destroy()
  }
  return {
    'impossible names taken': taken,
    'odd names mixed up': mixedUp,
    names: IMPOSSIBLE_NAMES.length + ODD_NAMES.length,
  }
}

/** Pages of other origins, under other names, with a good token; and paths out of the folder of pages. */
async function tryAddresses({ progress }: Lab, url: string) {
  progress('pages of other origins')
  const authorization = `Bearer ${good}`
  const senders = [...FOREIGN_ORIGINS.map((origin) => ({ origin })), ...FOREIGN_HOSTS.map((host) => ({ host }))]
  const knocks = [
    ...senders.flatMap((sender) => [
      ...Object.values(DIALECTS).map((wire) => ({
        path: wire.path('plan'),
        headers: { authorization, ...HANDSHAKE, ...sender },
      })),
      { path: '/d/plan/as-update', headers: { authorization, ...sender } },
      { path: '/d/plan/update', method: 'POST', headers: { authorization, ...sender } },
      { path: '/api/v1/documents', headers: { authorization, ...sender } },
    ]),
    ...PATHS_OUT.map((path) => ({ path })),
  ]
  let served = 0
  for (const one of knocks) if ((await knock(url, one)) < 400) served++
  // The same is served to our own pages.
  for (const one of knocks.filter(({ path }) => path === '/d/plan/as-update').slice(0, 1)) {
    const status = await knock(url, { ...one, headers: { authorization, origin: OUR_ORIGIN } })
    if (status !== 200) throw new Error(`Our own pages get ${status}.`)
  }
  return { 'foreign pages and paths served': served, 'addresses tried': knocks.length }
}

/** Updates that cannot be, as an operator who was given a bad file imports them. What can be saved of them is no damage. */
async function tryImports({ isShort, progress }: Lab, server: ServerProcess, owner: string) {
  const secret = await operatorSecret(server)
  const wire = DIALECTS['our own']
  if (wire === undefined) throw new Error('There is no dialect of our own.')
  const scene: Scene = {
    port: 0,
    patienceMs: 0,
    wire,
    document: '',
    attacker: 7_001,
    victim: { client: 7_002, clock: 5 },
  }
  const encodings = isShort ? ENCODINGS.slice(-1) : ENCODINGS
  const imports = impossibleUpdates.flatMap((one) => encodings.map((encoding) => ({ one, encoding })))
  let [damages, saved] = [0, 0]
  for (const [at, { one, encoding }] of imports.entries()) {
    progress(`an import as ${encoding}: ${one.name}`)
    const document = `import-${at}`
    const path = `/api/v1/operator/import?document=${document}&encoding=${encoding}`
    const body = Uint8Array.from(packUpdates(one.updates(scene)))
    const answer = await ask(`${server.url}${path}`, secret, { method: 'POST', body })
    const held = await ask(`${server.url}/d/${document}/as-update`, owner)
    const content = new Uint8Array(await held.arrayBuffer())
    if (answer.status >= 500 || !held.ok || !isSound(content)) damages++
    if (answer.ok && content.length > EMPTY_UPDATE_BYTES) saved++
  }
  return {
    'imports that leave damage': damages,
    'imports of which something was saved': saved,
    imports: imports.length,
  }
}

/** Everybody can read it to its end, and waits for nothing. */
function isSound(update: Uint8Array): boolean {
  try {
    walkUpdate(update, new UpdateShape())
    const doc = new Y.Doc()
    Y.applyUpdate(doc, update)
    return doc.store.pendingStructs === null && doc.store.pendingDs === null
  } catch {
    // What cannot be read is what this looks for.
    return false
  }
}

/** How many of `secrets` can be read in what the server said, logged or stored. */
async function countLeaks(
  server: ServerProcess,
  secrets: readonly string[],
  answers: readonly string[],
): Promise<number> {
  const names = await readdir(server.data, { recursive: true, withFileTypes: true })
  const files = names.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const stored = await Promise.all(files.map((file) => readFile(file, 'latin1')))
  const all = [server.complaints, ...answers, ...stored].join('\n')
  const telling = secrets.filter(({ length }) => length >= TELLING_CHARACTERS)
  return telling.filter((secret) => all.includes(secret.slice(-TELLING_CHARACTERS))).length
}
