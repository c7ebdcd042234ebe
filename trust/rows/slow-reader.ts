/** Row 8: people who read nothing for a minute while others write. */
import { setTimeout as sleep } from 'node:timers/promises'
import * as Y from 'yjs'
import { Vitals } from '../../bench/soak/vitals.ts'
import type { Client } from '../../web/client/index.ts'
import { DIALECTS } from '../access/member.ts'
import type { Lab } from '../lab.ts'
import { residentBytes } from '../proc.ts'
import { atMost, exactly, type Row } from '../row.ts'
import { quantile, SaveClock } from '../save-clock.ts'
import type { ServerProcess } from '../server-process.ts'
import { SlowReader } from '../slow-reader.ts'
import { Typist } from '../typists.ts'
import { until } from '../until.ts'

const MB = 1e6
const TYPISTS = { short: 2, long: 5 } as const
const PAUSE_MS = 100
/** Small enough to be taken without being tried out first. */
const PAGE_CHARACTERS = 3_500
/** Bytes written while everybody reads, and while somebody does not; in the long form as many, so that memory can be compared. */
const VOLUME = {
  short: { quiet: 5 * MB, deaf: 45 * MB, perSecond: 15 * MB },
  long: { quiet: 60 * MB, deaf: 60 * MB, perSecond: MB },
} as const
/** Pages that may be under way; a slow machine writes slower, not less. */
const MAX_UNSAVED = 100
const TALK_MS = 2_000
const LOOK_MS = 250
const UNLIMITED = String(2 ** 40)

export const slowReader: Row = {
  number: 8,
  promise: 'Somebody who reads nothing costs no memory and holds nobody up, and is in step again soon after',
  control: 'keeps whatever somebody does not read',
  limits: {
    'memory growth, MB': atMost(16, { short: 200 }),
    // The short form has no time for a heap to settle: there this is what tells.
    'unread in memory, MB': atMost(16),
    "others' p99, ms": atMost(100, { short: 5_000 }),
    'slow readers out of step': exactly(0),
    'honest readers sent away': exactly(0),
  },
  async measure(lab, subject) {
    // The control's fault shows as soon as much was written.
    const form = lab.isShort || subject === 'control' ? 'short' : 'long'
    const volume = VOLUME[form]
    const vitals = new Vitals(await lab.folder())
    const args = subject === 'control' ? ['--behind-bytes', UNLIMITED, '--max-unread-bytes', UNLIMITED] : []
    const server = await lab.server({ env: vitals.env, args })
    const write = async (document: string, act: (scene: Scene) => Promise<Written>): Promise<Written> => {
      lab.progress(document)
      const scene = await open(lab, server, { document, typists: TYPISTS[form] })
      const written = await act(scene)
      for (const client of scene.clients) client.destroy()
      for (const reader of scene.slow) reader.leave()
      return written
    }
    const quiet = await write('everybody-reads', (scene) => {
      return writeInto(scene, { server, vitals, bytes: volume.quiet, perSecond: volume.perSecond })
    })
    let back: readonly Return[] = []
    const deaf = await write('two-read-nothing', async (scene) => {
      for (const reader of scene.slow) reader.stopReading()
      // Of the two one is not heard of any more, and the other one goes on talking.
      scene.talking = scene.slow.slice(1)
      const written = await writeInto(scene, { server, vitals, bytes: volume.deaf, perSecond: volume.perSecond })
      lab.progress('they read again')
      for (const reader of scene.slow) reader.startReading()
      const { doc } = scene.writer
      back = await Promise.all(scene.slow.map((reader) => comeBack(lab, server, { reader, doc })))
      return written
    })
    return {
      'memory growth, MB': (deaf.resident - quiet.resident) / MB,
      'unread in memory, MB': deaf.unread / MB,
      "others' p99, ms": quantile(deaf.waits, 0.99),
      'slow readers out of step': back.filter(({ isInStep }) => !isInStep).length,
      'honest readers sent away': quiet.sentAway + deaf.sentAway,
      'slow readers sent away': back.filter(({ wasSentAway }) => wasSentAway).length,
      "others' p99 while everybody reads, ms": quantile(quiet.waits, 0.99),
      'written meanwhile, MB': volume.deaf / MB,
    }
  },
}

interface Scene {
  readonly writer: Client
  readonly cast: readonly Typist[]
  /** The writer's and the typists'. */
  readonly clients: readonly Client[]
  readonly slow: readonly SlowReader[]
  /** Those of the slow readers who say something now and then: who says nothing for two pings is dropped. */
  talking: readonly SlowReader[]
}

/** Everybody in a new document, in step. */
async function open(
  lab: Lab,
  server: ServerProcess,
  { document, typists }: { readonly document: string; readonly typists: number },
): Promise<Scene> {
  const writer = lab.client(server.url, document)
  const cast = Array.from({ length: typists }, (_, at) => new Typist(lab.client(server.url, document), `typist ${at}`))
  const clients = [writer, ...cast.map(({ client }) => client)]
  await Promise.all(clients.map((client) => client.whenSynced))
  const slow = await Promise.all([join(lab, server, { document }), join(lab, server, { document })])
  const scene: Scene = { writer, cast, clients, slow, talking: slow }
  const talk = setInterval(() => scene.talking.forEach((reader) => reader.say()), TALK_MS)
  lab.atEnd(() => clearInterval(talk))
  return scene
}

interface Load {
  readonly server: ServerProcess
  readonly vitals: Vitals
  readonly bytes: number
  readonly perSecond: number
}

interface Written {
  /** The most that was resident, and what nobody had read when all was written, in bytes. */
  readonly resident: number
  readonly unread: number
  /** How long each letter of the typists took to be saved, in ms. */
  readonly waits: readonly number[]
  /** How often somebody was disconnected who reads. */
  readonly sentAway: number
}

/** The writer writes so much while the typists type. */
async function writeInto(
  { writer, cast, clients }: Scene,
  { server, vitals, bytes, perSecond }: Load,
): Promise<Written> {
  let sentAway = 0
  for (const client of clients) client.on('status', ({ status }) => (sentAway += status === 'disconnected' ? 1 : 0))
  const waits: number[] = []
  const clocks = cast.map((typist) => new SaveClock(typist, waits))
  const typing = setInterval(() => clocks.forEach((clock) => clock.type()), PAUSE_MS)
  try {
    const resident = await peakDuring(server, () => writePages(writer, { bytes, perSecond }))
    clearInterval(typing)
    await until(() => clients.every(({ unsaved }) => unsaved === 0))
    return { resident, unread: (await vitals.look(server.pid)).unreadBytes, waits, sentAway }
  } finally {
    clearInterval(typing)
  }
}

async function join(
  lab: Lab,
  server: ServerProcess,
  { document, doc }: { readonly document: string; readonly doc?: Y.Doc },
): Promise<SlowReader> {
  const wire = DIALECTS['y-websocket']
  if (wire === undefined) throw new Error('The dialect is missing.')
  const reader = await SlowReader.join({ port: Number(new URL(server.url).port), wire, document }, doc)
  lab.atEnd(() => reader.leave())
  return reader
}

/** Writes one page over and over: much goes over the wire, and the document stays small. */
async function writePages(
  writer: Client,
  { bytes, perSecond }: { readonly bytes: number; readonly perSecond: number },
): Promise<void> {
  const pages = writer.doc.getMap<string>('pages')
  const startedMs = performance.now()
  for (let written = 0; written < bytes;) {
    const due = Math.min(bytes, ((performance.now() - startedMs) / 1_000) * perSecond)
    for (; written < due && writer.unsaved < MAX_UNSAVED; written += PAGE_CHARACTERS) {
      pages.set('page', String(written).padEnd(PAGE_CHARACTERS, 'x'))
    }
    await sleep(1)
  }
  await until(() => writer.unsaved === 0)
}

/** The most that the server had resident while `work` was done, in bytes. */
async function peakDuring(server: ServerProcess, work: () => Promise<void>): Promise<number> {
  let resident = 0
  const look = setInterval(() => (resident = Math.max(resident, residentBytes(server.pid))), LOOK_MS)
  try {
    await work()
    return resident
  } finally {
    clearInterval(look)
  }
}

interface Return {
  readonly isInStep: boolean
  readonly wasSentAway: boolean
}

/** In step over the connection it has, or over a new one when that was ended. */
async function comeBack(
  lab: Lab,
  server: ServerProcess,
  { reader, doc }: { readonly reader: SlowReader; readonly doc: Y.Doc },
): Promise<Return> {
  const isInStep = (one: SlowReader) => (): boolean => {
    one.apply()
    return stateOf(one.doc) === stateOf(doc)
  }
  const isEqual = isInStep(reader)
  await until(() => isEqual() || reader.isGone).catch(() => undefined)
  if (isEqual() || !reader.isGone) return { isInStep: isEqual(), wasSentAway: reader.isGone }
  const again = isInStep(await join(lab, server, { document: reader.document, doc: reader.doc }))
  await until(again).catch(() => undefined)
  return { isInStep: again(), wasSentAway: true }
}

function stateOf(doc: Y.Doc): string {
  return Buffer.from(Y.encodeSnapshot(Y.snapshot(doc))).toString('base64')
}
