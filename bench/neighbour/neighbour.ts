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
import { Histogram } from '../report/histogram.ts'
import { print, say } from '../report/progress.ts'
import { Server } from '../targets/server.ts'
import { targets } from '../targets/targets.ts'
import { actionsOn, type Kind, largeText, manyClients, write } from './noisy-document.ts'
import { OtherRoom } from './other-room.ts'

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
  readonly round: Histogram
  /** Of the quiet windows between this document's noisy ones. */
  readonly quiet: Histogram
  readonly isVerdict: boolean
}

/** Resolves with the number of documents that were too noisy. */
export async function neighbour({ rounds, megabytes, clients }: NeighbourOptions): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'weft-neighbour-'))
  const rows: Row[] = []
  try {
    for (const kind of [largeText(megabytes), manyClients(clients)]) {
      rows.push(...(await measure(kind, { folder, rounds })))
    }
    return report(rows)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function measure(
  kind: Kind,
  { folder, rounds }: { readonly folder: string; readonly rounds: number },
): Promise<Row[]> {
  const data = join(folder, kind.name)
  say(`writing ${kind.title} …`)
  await write(data, kind)
  const server = await start(data)
  const quiet = new Histogram()
  const total = new Histogram()
  const rows: Row[] = []
  const room = await OtherRoom.join(server)
  // What every server compiles once belongs to no window.
  await room.during([], () => sleep(WINDOW_MS))
  for (const [title, action] of actionsOn(server, kind)) {
    const round = new Histogram()
    for (let left = rounds; left > 0; left--) {
      await server.whenQuiet(LEFTOVERS_TIMEOUT_MS)
      await room.during([quiet], () => sleep(WINDOW_MS))
      await room.during([round, total], () => Promise.all([action(), sleep(WINDOW_MS)]))
    }
    say(`    ${kind.title} ${title}: p50 ${ms(round, 0.5)}, p99 ${ms(round, 0.99)}, most ${ms(round, 1)} ms`)
    rows.push({ title: `${kind.title} ${title}`, round, quiet, isVerdict: false })
  }
  await room.leave()
  await server.stop()
  return [...rows, { title: `${kind.title}, all of it`, round: total, quiet, isVerdict: true }]
}

/** Rooms are unloaded between windows, so that every action meets a cold one. */
function start(folder: string): Promise<Server> {
  return Server.start(targets.weft, { folder, nodeArgs: [], env: { WEFT_ROOM_IDLE_MS: '500' } })
}

function report(rows: readonly Row[]): number {
  print('| another room while … | p50, ms | p99, ms | most, ms | quiet p99, ms | p99 × quiet | |')
  print('| --- | ---: | ---: | ---: | ---: | ---: | --- |')
  let misses = 0
  for (const { title, round, quiet, isVerdict } of rows) {
    const isFine = round.percentile(0.99) < MAX_RATIO * quiet.percentile(0.99)
    if (isVerdict && !isFine) misses++
    const verdict = isFine ? 'PASS' : '**FAIL**'
    const ratio = (round.percentile(0.99) / quiet.percentile(0.99)).toFixed(2)
    const figures = [0.5, 0.99, 1].map((part) => ms(round, part)).join(' | ')
    print(`| ${title} | ${figures} | ${ms(quiet, 0.99)} | ${ratio} | ${isVerdict ? verdict : ''} |`)
  }
  return misses
}

function ms(histogram: Histogram, part: number): string {
  return histogram.percentile(part).toFixed(1)
}
