/** Row 9: the disk is full, then its fsync and its writes fail, while people type and read. */
import { writeFile, rm, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Fault, FaultyDisk } from '../faulty-disk.ts'
import type { Lab } from '../lab.ts'
import { mountSmallDisk } from '../mounts.ts'
import type { Mutant } from '../mutants/mutant.ts'
import { atMost, exactly, type Row } from '../row.ts'
import type { ServerProcess } from '../server-process.ts'
import { lostIn, promisedTo, Typist } from '../typists.ts'
import { until } from '../until.ts'
import { lostAt } from '../witness.ts'

const TYPISTS = 6
const PAUSE_MS = 10
const DISK_BYTES = 24 * 2 ** 20
const DOCUMENT = 'disk'
const ROUNDS = { short: 1, long: 10 } as const
const MAX_TROUBLE_MS = 3_000
/** Somebody who is not well by now never will be. */
const GIVE_UP_MS = 30_000

/** Takes a commit that failed for one that succeeded. */
const swallowsErrors: Mutant = {
  module: 'core/committer.js',
  find: 'await pause(delayMs);',
  replace: 'return batch.documents.map(() => 1);',
}

interface Tally {
  lost: number
  notTold: number
  readersRefused: number
  slowestRecoveryMs: number
  faults: number
}

export const diskFailure: Row = {
  number: 9,
  promise: 'A full or failing disk loses nothing, is told, and needs no restart',
  control: 'takes a failed commit for a good one',
  limits: {
    'edits lost': exactly(0),
    'writers not told': exactly(0),
    'readers refused': exactly(0),
    'slowest recovery, ms': atMost(5_000, { short: 20_000 }),
  },
  async measure(lab, subject) {
    const mutant = subject === 'control' ? swallowsErrors : null
    const tally: Tally = { lost: 0, notTold: 0, readersRefused: 0, slowestRecoveryMs: 0, faults: 0 }
    const rounds = lab.isShort || subject === 'control' ? ROUNDS.short : ROUNDS.long
    const disk = await mountSmallDisk(lab, DISK_BYTES)
    const filler = join(disk, 'filler')
    const onSmallDisk = await lab.server({ data: join(disk, 'data'), mutant })
    await endure(lab, {
      server: onSmallDisk,
      tally,
      code: 'storage-full',
      rounds,
      restarts: true,
      begin: () => fill(disk, filler),
      mend: () => rm(filler),
    })

    const faulty = await FaultyDisk.make(lab)
    const onFaultyDisk = await lab.server({ under: faulty.under, mutant })
    for (const fault of [Fault.fsync, Fault.write]) {
      const begin = (): void => faulty.fail(fault)
      await endure(lab, {
        server: onFaultyDisk,
        tally,
        code: 'storage-failed',
        rounds,
        begin,
        mend: () => faulty.mend(fault),
      })
    }
    return {
      'edits lost': tally.lost,
      'writers not told': tally.notTold,
      'readers refused': tally.readersRefused,
      'slowest recovery, ms': tally.slowestRecoveryMs,
      faults: tally.faults,
    }
  },
}

interface Ordeal {
  readonly server: ServerProcess
  readonly tally: Tally
  /** How often the disk fails. */
  readonly rounds: number
  /** What writers have to be told. */
  readonly code: string
  /** Whether the server is killed and started again in the middle of the trouble. */
  readonly restarts?: boolean
  readonly begin: () => unknown
  readonly mend: () => unknown
}

/** Again and again the disk fails under people who type, and is mended; then the server is killed and looked at. */
async function endure(lab: Lab, { server, tally, code, rounds, restarts = false, begin, mend }: Ordeal): Promise<void> {
  const cast = Array.from({ length: TYPISTS }, (_, index) => {
    return new Typist(lab.client(server.url, DOCUMENT), `typist ${tally.faults} ${index}`)
  })
  await Promise.all(cast.map(({ client }) => client.whenSynced))
  for (let round = 0; round < rounds; round++) {
    lab.progress(`${tally.faults} faults, ${tally.lost} edits lost`)
    for (const typist of cast) typist.start(PAUSE_MS)
    await sleep(100 + lab.random() * 400)
    await begin()
    await until(() => cast.every(({ client }) => client.state.storageTrouble === code), 5_000).catch(() => {
      tally.notTold += cast.filter(({ client }) => client.state.storageTrouble !== code).length
    })
    const { status } = await health(server)
    if (status !== code) tally.notTold++
    await read(lab, { server, cast, tally })
    if (restarts) {
      await server.kill()
      await server.start()
      await read(lab, { server, cast, tally })
    }
    await sleep(lab.random() * MAX_TROUBLE_MS)
    await mend()
    for (const typist of cast) {
      typist.stop()
      typist.client.connect()
    }
    const isWell = (): boolean => cast.every(({ client }) => client.synced && client.unsaved === 0)
    const recoveryMs = await until(isWell, GIVE_UP_MS).catch(() => GIVE_UP_MS)
    tally.slowestRecoveryMs = Math.max(tally.slowestRecoveryMs, recoveryMs)
    tally.faults++
  }
  const promised = promisedTo(cast)
  for (const { client } of cast) client.destroy()
  await server.kill()
  await server.start()
  tally.lost += await lostAt(lab, server.url, DOCUMENT, promised)
}

/** Somebody joins, and has to get everything that was promised. */
async function read(lab: Lab, { server, cast, tally }: Pick<Ordeal, 'server' | 'tally'> & { cast: readonly Typist[] }) {
  const reader = lab.client(server.url, DOCUMENT)
  await until(() => reader.synced && lostIn(reader.doc, promisedTo(cast)) === 0, 5_000).catch(() => {
    tally.readersRefused++
  })
  reader.destroy()
}

async function fill(disk: string, filler: string): Promise<void> {
  const { bavail, bsize } = await statfs(disk)
  // The last write ends in the middle: the disk is then full to the last byte.
  await writeFile(filler, new Uint8Array(bavail * bsize + bsize)).catch(() => undefined)
}

async function health(server: ServerProcess): Promise<{ readonly status: string }> {
  const response = await fetch(new URL('/readyz', server.url))
  return (await response.json()) as { readonly status: string }
}
