/**
 * Noisy neighbours: while a document of 50 MB, and one that 5,000 clients have touched, are opened, edited, folded,
 * previewed and read, the letters of somebody in another room must come back as fast as before.
 *
 * Quiet and noisy windows alternate, so that both see the machine's moods.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { print, say } from '../report/progress.ts'
import { Server } from '../targets/server.ts'
import { targets } from '../targets/targets.ts'
import { NextDoor } from './next-door.ts'
import { Noise } from './noise.ts'
import { actionsOn, type Kind, kindOf, write } from './noisy-document.ts'

export interface NeighbourOptions {
  readonly rounds: number
  /** Of the large document. */
  readonly megabytes: number
  /** Of the other one. */
  readonly clients: number
}

/** A window is at least this long: what an action leaves behind belongs to it, and to no quiet one. */
const WINDOW_MS = 2_500
const MAX_RATIO = 2

/** How long a server may take for what an action has left behind, a fold say; a quiet window begins when it is done. */
const LEFTOVERS_TIMEOUT_MS = 30_000

interface Row {
  readonly title: string
  readonly p50Ms: number
  readonly p99Ms: number
  readonly mostMs: number
  /** Of the quiet windows between this document's noisy ones. */
  readonly quietP99Ms: number
  readonly isVerdict: boolean
}

const QUIET = 'quiet'

/** The windows of all actions. */
const NOISY = 'noisy'

/** The windows in which actions meet code that is not compiled yet. */
const FIRST = 'first'

/** Resolves with the number of documents that were too noisy. */
export async function neighbour({ rounds, megabytes, clients }: NeighbourOptions): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'weft-neighbour-'))
  const rows: Row[] = []
  try {
    rows.push(...(await measure({ name: 'large', size: megabytes }, { folder, rounds })))
    rows.push(...(await measure({ name: 'touched', size: clients }, { folder, rounds })))
    return report(rows)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function measure(
  { name, size }: { readonly name: Kind['name']; readonly size: number },
  { folder, rounds }: { readonly folder: string; readonly rounds: number },
): Promise<Row[]> {
  const kind = kindOf(name, size)
  const data = join(folder, name)
  say(`writing ${kind.title} …`)
  await write(data, kind)
  const server = await start(data)
  const nextDoor = await NextDoor.start({ port: server.port, token: null, rooms: 1, lettersPerSecond: 100 })
  const noise = await Noise.start({ port: server.port, kind: name, size })
  try {
    // What every server compiles once belongs to no window.
    await nextDoor.during([], () => sleep(WINDOW_MS))
    const titles = actionsOn(server, kind).map(([title]) => title)
    for (const title of titles) {
      // The same holds for what an action runs through for the first time, which is told on its own.
      await nextDoor.during([FIRST], () => Promise.all([noise.make(title), sleep(WINDOW_MS)]))
      for (let left = rounds; left > 0; left--) {
        say(`    ${kind.title} ${title}: ${left} to go`)
        await server.whenQuiet(LEFTOVERS_TIMEOUT_MS)
        await nextDoor.during([QUIET], () => sleep(WINDOW_MS))
        await nextDoor.during([NOISY, title], () => Promise.all([noise.make(title), sleep(WINDOW_MS)]))
      }
    }
    const rows: Row[] = []
    for (const title of titles)
      rows.push(await rowOf(nextDoor, title, { title: `${kind.title} ${title}`, isVerdict: false }))
    rows.push(await rowOf(nextDoor, FIRST, { title: `${kind.title}, each for the first time`, isVerdict: false }))
    return [...rows, await rowOf(nextDoor, NOISY, { title: `${kind.title}, all of it`, isVerdict: true })]
  } finally {
    await Promise.all([nextDoor.stop(), noise.stop()])
    await server.stop()
  }
}

async function rowOf(nextDoor: NextDoor, name: string, row: Pick<Row, 'title' | 'isVerdict'>): Promise<Row> {
  return {
    ...row,
    p50Ms: await nextDoor.percentile(name, 0.5),
    p99Ms: await nextDoor.percentile(name, 0.99),
    mostMs: await nextDoor.percentile(name, 1),
    quietP99Ms: await nextDoor.percentile(QUIET, 0.99),
  }
}

/** Rooms are unloaded between windows, so that every action meets a cold one. */
function start(folder: string): Promise<Server> {
  return Server.start(targets.weft, { folder, nodeArgs: [], env: { WEFT_ROOM_IDLE_MS: '500' } })
}

function report(rows: readonly Row[]): number {
  print('| another room while … | p50, ms | p99, ms | most, ms | quiet p99, ms | p99 × quiet | |')
  print('| --- | ---: | ---: | ---: | ---: | ---: | --- |')
  let misses = 0
  for (const { title, p50Ms, p99Ms, mostMs, quietP99Ms, isVerdict } of rows) {
    const isFine = p99Ms < MAX_RATIO * quietP99Ms
    if (isVerdict && !isFine) misses++
    const verdict = isFine ? 'PASS' : '**FAIL**'
    const ratio = (p99Ms / quietP99Ms).toFixed(2)
    const figures = [p50Ms, p99Ms, mostMs, quietP99Ms].map((ms) => ms.toFixed(1)).join(' | ')
    print(`| ${title} | ${figures} | ${ratio} | ${isVerdict ? verdict : ''} |`)
  }
  return misses
}
