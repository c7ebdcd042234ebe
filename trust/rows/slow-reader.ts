/** Row 8: people who read nothing for a minute while others write. */
import { setTimeout as sleep } from 'node:timers/promises'
import * as Y from 'yjs'
import { Vitals } from '../../bench/soak/vitals.ts'
import type { Client } from '../../web/client/index.ts'
import { DIALECTS } from '../access/member.ts'
import { beyondDisk, DiskClock } from '../disk-clock.ts'
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
/**
 * Bytes written while everybody reads, and while somebody does not; in the long form as many, and once before, so that
 * what a server takes that nobody ever used is no growth.
 */
const VOLUME = {
  short: { warm: 0, quiet: 5 * MB, deaf: 45 * MB, perSecond: 15 * MB },
  // The control's fault shows as soon as much was written.
  control: { warm: 45 * MB, quiet: 45 * MB, deaf: 45 * MB, perSecond: 15 * MB },
  long: { warm: 60 * MB, quiet: 60 * MB, deaf: 60 * MB, perSecond: MB },
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
    'memory growth, MB': atMost(16),
    'unread in memory, MB': atMost(16),
    "others' p99 beyond the disk's own, ms": atMost(100, { short: 5_000 }),
    'slow readers out of step': exactly(0),
    'honest readers sent away': exactly(0),
  },
  async measure(lab, subject) {
    const form = lab.isShort ? 'short' : 'long'
    const volume = VOLUME[form === 'long' && subject === 'control' ? 'control' : form]
    const vitals = new Vitals(await lab.folder(), { collectsGarbage: true })
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
    const whileAllRead = (document: string, bytes: number): Promise<Written> => {
      return write(document, (scene) => writeInto(scene, { server, vitals, bytes, perSecond: volume.perSecond }))
    }
    if (volume.warm > 0) await whileAllRead('before', volume.warm)
    const quiet = await whileAllRead('everybody-reads', volume.quiet)
    let back: readonly Return[] = []
    let flushes: readonly number[] = []
    const deaf = await write('two-read-nothing', async (scene) => {
      for (const reader of scene.slow) reader.stopReading()
      // Of the two one is not heard of any more, and the other one goes on talking.
      scene.talking = scene.slow.slice(1)
      const disk = await DiskClock.start(lab)
      const written = await writeInto(scene, { server, vitals, bytes: volume.deaf, perSecond: volume.perSecond })
      flushes = await disk.stop()
      lab.progress('they read again')
      for (const reader of scene.slow) reader.startReading()
      const { doc } = scene.writer
      back = await Promise.all(scene.slow.map((reader) => comeBack(lab, server, { reader, doc })))
      return written
    })
    return {
      'memory growth, MB': (deaf.held - quiet.held) / MB,
      'unread in memory, MB': deaf.unread / MB,
      "others' p99 beyond the disk's own, ms": beyondDisk(deaf.waits, flushes, 0.99),
      'slow readers out of step': back.filter(({ isInStep }) => !isInStep).length,
      'honest readers sent away': quiet.sentAway + deaf.sentAway,
      'slow readers sent away': back.filter(({ wasSentAway }) => wasSentAway).length,
      "others' p99, ms": quantile(deaf.waits, 0.99),
      "the disk's own p99, ms": quantile(flushes, 0.99),
      "others' p99 while everybody reads, ms": quantile(quiet.waits, 0.99),
      'resident growth, garbage included, MB': (deaf.resident - quiet.resident) / MB,
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
  /** What the server held, once garbage was collected, and what of it nobody had read, when all was written, in bytes. */
  readonly held: number
  readonly unread: number
  /** The median of what was resident in the second half of the writing, in bytes. */
  readonly resident: number
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
    const resident = await residentDuring(server, () => writePages(writer, { bytes, perSecond }))
    clearInterval(typing)
    await until(() => clients.every(({ unsaved }) => unsaved === 0))
    const { heldBytes, unreadBytes } = await vitals.look(server.pid)
    return { held: heldBytes, unread: unreadBytes, resident, waits, sentAway }
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

/** The median of what the server had resident in the second half of `work`, in bytes. */
async function residentDuring(server: ServerProcess, work: () => Promise<void>): Promise<number> {
  const resident: number[] = []
  const look = setInterval(() => resident.push(residentBytes(server.pid)), LOOK_MS)
  try {
    await work()
    return quantile(resident.slice(resident.length >> 1), 0.5)
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
