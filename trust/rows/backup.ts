/** Row 12: a backup made while people type, put in place of the documents. */
import { copyFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { weft } from '../command.ts'
import type { Lab } from '../lab.ts'
import { exactly, type Row, type Subject } from '../row.ts'
import type { ServerProcess } from '../server-process.ts'
import { promisedTo, Typist } from '../typists.ts'
import { lostAt } from '../witness.ts'

const TYPISTS = 20
const DOCUMENTS = 5
const PAUSE_MS = 25
const TYPING_MS = { short: 1_000, long: 20_000 } as const
const BACKUPS = { short: 1, long: 5 } as const

export const backup: Row = {
  number: 12,
  promise: 'A backup made while people type holds everything that was saved before it',
  control: 'weft.db copied by hand while the server runs',
  limits: { 'edits lost': exactly(0), 'problems found by verify': exactly(0), 'restores that failed': exactly(0) },
  async measure(lab, subject) {
    const server = await lab.server()
    const cast = Array.from({ length: TYPISTS }, (_, index) => {
      return new Typist(lab.client(server.url, `backup ${index % DOCUMENTS}`), `typist ${index}`)
    })
    await Promise.all(cast.map(({ client }) => client.whenSynced))
    for (const typist of cast) typist.start(PAUSE_MS)
    const tally = { lost: 0, problems: 0, failed: 0, edits: 0 }
    const rounds = lab.isShort || subject === 'control' ? BACKUPS.short : BACKUPS.long
    for (let round = 0; round < rounds; round++) {
      lab.progress(`${round} of ${rounds} backups, ${tally.lost} edits lost`)
      await sleep(lab.isShort ? TYPING_MS.short : TYPING_MS.long / BACKUPS.long)
      const promised = promisedIn(cast)
      const folder = await lab.folder()
      await copy(server, join(folder, 'weft.db'), subject)
      await compare(lab, { folder, promised, tally })
    }
    for (const typist of cast) typist.stop()
    return {
      'edits lost': tally.lost,
      'problems found by verify': tally.problems,
      'restores that failed': tally.failed,
      backups: rounds,
      'edits compared': tally.edits,
    }
  },
}

function promisedIn(cast: readonly Typist[]): ReadonlyMap<string, ReadonlyMap<string, number>> {
  const documents = new Set(cast.map(({ client }) => client.document))
  return new Map(
    [...documents].map((document) => [document, promisedTo(cast.filter(({ client }) => client.document === document))]),
  )
}

async function copy({ data }: ServerProcess, file: string, subject: Subject): Promise<void> {
  if (subject === 'control') {
    await copyFile(join(data, 'weft.db'), file)
    return
  }
  const { code, output } = await weft('backup', file, '--data', data)
  if (code !== 0) throw new Error(`The backup failed: ${output}`)
}

interface Restored {
  /** Holds the backup as `weft.db`. */
  readonly folder: string
  /** By document. */
  readonly promised: ReadonlyMap<string, ReadonlyMap<string, number>>
  readonly tally: { lost: number; problems: number; failed: number; edits: number }
}

/** Restores the backup as docs/operations.md says, verifies it and reads every document through a server. */
async function compare(lab: Lab, { folder, promised, tally }: Restored): Promise<void> {
  const verified = await weft('verify', '--data', folder)
  tally.problems += Number(/(\d+) problems/.exec(verified.output)?.[1] ?? 1)
  const data = join(await lab.folder(), 'data')
  await mkdir(data, { mode: 0o700 })
  await copyFile(join(folder, 'weft.db'), join(data, 'weft.db'))
  const restored = await lab.server({ data }).catch(() => null)
  if (restored === null) {
    tally.failed++
    return
  }
  for (const [document, edits] of promised) {
    tally.lost += await lostAt(lab, restored.url, document, edits)
    tally.edits += [...edits.values()].reduce((sum, count) => sum + count, 0)
  }
  await restored.kill()
}
