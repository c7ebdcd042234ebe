/** Row 13: everybody is back at once after the server was killed, each with a letter typed meanwhile. */
import { setTimeout as sleep } from 'node:timers/promises'
import * as Y from 'yjs'
import { ROOT, typing } from '../../bench/load/typing.ts'
import { Vitals } from '../../bench/soak/vitals.ts'
import { Client } from '../../bench/wire/client.ts'
import { weft } from '../../bench/wire/protocol.ts'
import type { Lab } from '../lab.ts'
import type { Mutant } from '../mutants/mutant.ts'
import { atMost, exactly, type Row, type Subject } from '../row.ts'
import type { ServerProcess } from '../server-process.ts'
import { until } from '../until.ts'

/** Whoever comes holds everybody up for longer than any form of the row allows. */
const blocks: Mutant = {
  module: 'core/session.js',
  find: 'this.#access.start(this);',
  replace: 'this.#access.start(this); for (const end = performance.now() + 700; performance.now() < end;);',
}

const CLIENTS = { short: 200, long: 1_000, control: 10 } as const
const CLIENTS_PER_DOCUMENT = 10
const DOCUMENT_CHARACTERS = 10_000
const FIRST_CLIENT = 2 ** 30
const PATIENCE_MS = 60_000

export const storm: Row = {
  number: 13,
  promise: 'A thousand people who are back at once are soon in step, and lose nothing',
  control: 'holds everybody up for 700 ms for each who comes',
  limits: {
    'all in step, ms': atMost(10_000, { short: 30_000 }),
    'event loop p99, ms': atMost(200, { short: 600 }),
    'people not in step': exactly(0),
    'letters lost': exactly(0),
  },
  async measure(lab, subject) {
    const vitals = new Vitals(await lab.folder())
    const server = await lab.server({ env: vitals.env, mutant: subject === 'control' ? blocks : null })
    const count = countFor(lab, subject)
    const documents = Array.from({ length: count / CLIENTS_PER_DOCUMENT }, (_, at) => `storm-${at}`)
    const content = new Y.Doc()
    content.getText(ROOT).insert(0, 'x'.repeat(DOCUMENT_CHARACTERS))
    for (const document of documents) await write(server, document, Y.encodeStateAsUpdate(content))

    await server.kill()
    await server.start()
    // The first look begins the count of what comes.
    await vitals.look(server.pid)
    const startedMs = performance.now()
    const stateVector = Y.encodeStateVector(content)
    const joining = Array.from({ length: count }, async (_, at) => {
      const document = documents[at % documents.length] ?? ''
      const client = await join(server, document, { stateVector, client: FIRST_CLIENT + at })
      lab.atEnd(() => client.close())
      return performance.now()
    })
    const late = sleep(PATIENCE_MS, null, { ref: false })
    const inStepMs = await Promise.all(joining.map((joined) => Promise.race([joined.catch(() => null), late])))
    const { p99Ms, longestMs } = await vitals.look(server.pid)
    const arrived = inStepMs.filter((atMs) => atMs !== null)
    return {
      'all in step, ms': Math.max(...arrived) - startedMs,
      'event loop p99, ms': p99Ms,
      'people not in step': count - arrived.length,
      'letters lost': await lettersLost(server, documents),
      'event loop, longest, ms': longestMs,
      people: count,
      documents: documents.length,
    }
  },
}

/** Somebody who has the document, and one letter that the server does not have. */
function join(
  server: ServerProcess,
  document: string,
  { stateVector, client }: { readonly stateVector: Uint8Array; readonly client: number },
): Promise<Client> {
  const letter = typing(client, 1, null).next().value
  return Client.join({
    port: Number(new URL(server.url).port),
    protocol: weft,
    document,
    stateVector,
    ...(letter !== undefined && { step2: letter.update }),
  })
}

async function write(server: ServerProcess, document: string, update: Uint8Array): Promise<void> {
  const answer = await fetch(`${server.url}/d/${document}/update`, { method: 'POST', body: Uint8Array.from(update) })
  if (!answer.ok) throw new Error(`The server did not take ${document}: ${answer.status}.`)
}

/** Everybody's letter is in the log as soon as the commits that were under way are done. */
async function lettersLost(server: ServerProcess, documents: readonly string[]): Promise<number> {
  const lost = await Promise.all(
    documents.map(async (document) => {
      const lacking = async (): Promise<number> => {
        const doc = new Y.Doc()
        const answer = await fetch(`${server.url}/d/${document}/as-update`)
        Y.applyUpdate(doc, new Uint8Array(await answer.arrayBuffer()))
        return DOCUMENT_CHARACTERS + CLIENTS_PER_DOCUMENT - doc.getText(ROOT).length
      }
      await until(async () => (await lacking()) === 0, 5_000).catch(() => undefined)
      return lacking()
    }),
  )
  return lost.reduce((sum, count) => sum + count, 0)
}

function countFor({ isShort }: Lab, subject: Subject): number {
  if (subject === 'control') return CLIENTS.control
  return isShort ? CLIENTS.short : CLIENTS.long
}
