/** Row 11: yesterday's backup is put in place while people still hold what they wrote today. */
import { mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { weft } from '../command.ts'
import type { Lab } from '../lab.ts'
import { exactly, type Row } from '../row.ts'
import { differing, promisedTo, Typist } from '../typists.ts'
import { until } from '../until.ts'
import { lostAt } from '../witness.ts'

const TYPISTS = 6
const DOCUMENT = 'healed'
const HEALING_MS = 20_000
const EDITS_A_DAY = { short: 40, long: 2_000 } as const

export const heal: Row = {
  number: 11,
  promise: 'What people still hold comes back after an old backup was restored',
  control: 'nobody holds it any more',
  limits: { 'edits lost': exactly(0), 'replicas that differ': exactly(0) },
  async measure(lab, subject) {
    const home = await lab.folder()
    const data = join(home, 'data')
    const backup = join(home, 'yesterday.db')
    const server = await lab.server({ data })
    const cast = Array.from({ length: TYPISTS }, (_, index) => {
      return new Typist(lab.client(server.url, DOCUMENT), `typist ${index}`)
    })
    await Promise.all(cast.map(({ client }) => client.whenSynced))
    await typeADay(lab, cast)
    const { code, output } = await weft('backup', backup, '--data', data)
    if (code !== 0) throw new Error(`The backup failed: ${output}`)
    await typeADay(lab, cast)
    const promised = promisedTo(cast)

    await server.stop()
    if (subject === 'control') for (const { client } of cast) client.destroy()
    await rm(data, { recursive: true })
    await mkdir(data, { mode: 0o700 })
    await rename(backup, join(data, 'weft.db'))
    await server.start()

    if (subject === 'weft') {
      for (const { client } of cast) client.connect()
      await until(() => cast.every(({ client }) => client.synced && client.unsaved === 0))
      await until(() => differing(cast) === 0, 5_000).catch(() => undefined)
      // Their edits count as saved since the server of before said so; what they bring to this one takes its time.
      const isHealed = async (): Promise<boolean> => (await lostAt(lab, server.url, DOCUMENT, promised)) === 0
      await until(isHealed, HEALING_MS).catch(() => undefined)
    }
    // From the disk, and not from the memory of a server that was told.
    await server.kill()
    await server.start()
    return {
      'edits lost': await lostAt(lab, server.url, DOCUMENT, promised),
      'replicas that differ': subject === 'weft' ? differing(cast) : 0,
      'edits of two days': [...promised.values()].reduce((sum, count) => sum + count, 0),
    }
  },
}

/** Everybody types their edits of a day, and waits until they are saved. */
async function typeADay(lab: Lab, cast: readonly Typist[]): Promise<void> {
  const edits = (lab.isShort ? EDITS_A_DAY.short : EDITS_A_DAY.long) / TYPISTS
  const ends = cast.map(({ typed }) => typed + edits)
  for (const typist of cast) typist.start(1)
  await until(() => cast.every(({ typed }, index) => typed >= (ends[index] ?? 0)), 120_000)
  for (const typist of cast) typist.stop()
  await until(() => cast.every(({ client }) => client.unsaved === 0))
}
