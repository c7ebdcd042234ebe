/** Row 3: how long an edit takes until its author is told that it is saved. */
import { setTimeout as sleep } from 'node:timers/promises'
import { beyondDisk, DiskClock } from '../disk-clock.ts'
import type { Lab } from '../lab.ts'
import { atMost, exactly, type Row } from '../row.ts'
import { quantile, SaveClock } from '../save-clock.ts'
import { Typist } from '../typists.ts'
import { until } from '../until.ts'

const EDITS_PER_SECOND = 500
const DOCUMENTS = 25
const TYPISTS_PER_DOCUMENT = 2
const SECONDS = { short: 3, long: 60 } as const
const WARM_UP_SECONDS = 2

export const latency: Row = {
  number: 3,
  promise: 'Edits are saved as fast as they are typed',
  control: 'gathers commits for 250 ms',
  limits: {
    'p50, ms': atMost(5, { short: 60 }),
    "p99 beyond the disk's own, ms": atMost(50, { short: 5_000 }),
    'edits not saved': exactly(0),
  },
  async measure(lab, subject) {
    const server = await lab.server({ args: subject === 'control' ? ['--commit-gap-ms', '250'] : [] })
    const cast = Array.from({ length: DOCUMENTS * TYPISTS_PER_DOCUMENT }, (_, index) => {
      return new Typist(lab.client(server.url, `latency ${index % DOCUMENTS}`), `typist ${index}`)
    })
    await Promise.all(cast.map(({ client }) => client.whenSynced))
    await typeEvenly(lab, cast, WARM_UP_SECONDS)
    const seconds = lab.isShort ? SECONDS.short : SECONDS.long
    const disk = await DiskClock.start(lab)
    const waits = await typeEvenly(lab, cast, subject === 'control' ? SECONDS.short : seconds)
    const flushes = await disk.stop()
    return {
      'p50, ms': quantile(waits, 0.5),
      "p99 beyond the disk's own, ms": beyondDisk(waits, flushes, 0.99),
      'edits not saved': cast.reduce((sum, { typed, saved }) => sum + typed - saved, 0),
      'edits a second': EDITS_PER_SECOND,
      edits: waits.length,
      'p99, ms': quantile(waits, 0.99),
      "the disk's own p99, ms": quantile(flushes, 0.99),
    }
  },
}

/** Everybody types in turn, evenly spread; resolves with how long each edit waited to be saved, in ms. */
async function typeEvenly(lab: Lab, cast: readonly Typist[], seconds: number): Promise<readonly number[]> {
  const waits: number[] = []
  const total = seconds * EDITS_PER_SECOND
  const clocks = cast.map((typist) => new SaveClock(typist, waits))
  const startedMs = performance.now()
  for (let typed = 0; typed < total;) {
    const due = Math.min(total, Math.floor(((performance.now() - startedMs) / 1000) * EDITS_PER_SECOND))
    for (; typed < due; typed++) clocks[typed % clocks.length]?.type()
    lab.progress(`${typed} of ${total} edits`)
    await sleep(1)
  }
  await until(() => cast.every(({ client }) => client.unsaved === 0))
  for (const clock of clocks) clock.stop()
  return waits
}
