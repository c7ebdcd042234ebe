/** Row 2: the power goes, seen as what the disk holds at that moment and the page cache does not. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Lab } from '../lab.ts'
import { DiskImage } from '../mounts.ts'
import type { Mutant } from '../mutants/mutant.ts'
import { exactly, type Row, type Subject } from '../row.ts'
import { promisedTo, Typist } from '../typists.ts'
import { lostAt } from '../witness.ts'

const TYPISTS = 8
const PAUSE_MS = 10
const MAX_TYPING_MS = 400
const DISK_BYTES = 64 * 2 ** 20
/** New documents after so many cuts. */
const CUTS_PER_CAST = 10
/** What a paused server had sent reaches the clients within this long. */
const SETTLE_MS = 50

/** SQLite's usual setting: the write-ahead log is written and not synced. */
const synchronousNormal: Mutant = {
  module: 'store/database.js',
  find: "const level = database.pragma('synchronous', { simple: true });",
  replace: "const level = SYNCHRONOUS_FULL; database.pragma('synchronous = NORMAL');",
}

export const powerCut: Row = {
  number: 2,
  promise: 'Acknowledged edits survive a power cut',
  control: 'SQLite with synchronous = NORMAL',
  limits: { 'edits lost': exactly(0), 'documents damaged': exactly(0) },
  async measure(lab, subject) {
    const cuts = cutsFor(lab, subject)
    const disk = await DiskImage.make(lab, DISK_BYTES)
    const mutant = subject === 'control' ? synchronousNormal : null
    const server = await lab.server({ data: `${disk.folder}/data`, mutant })
    let [lost, damaged, acknowledged] = [0, 0, 0]
    let cast: readonly Typist[] = []
    for (let cut = 0; cut < cuts; cut++) {
      lab.progress(`${cut} of ${cuts} cuts, ${lost} edits lost`)
      if (cut % CUTS_PER_CAST === 0) cast = await newCast(lab, server.url, { before: cast, name: `cut ${cut}` })
      for (const typist of cast) typist.start(PAUSE_MS)
      await sleep(lab.random() * MAX_TYPING_MS)
      server.pause()
      for (const typist of cast) typist.stop()
      await sleep(SETTLE_MS)
      const promised = promisedTo(cast)
      const left = await disk.cut()
      server.resume()
      const found = await lookAt(lab, left, { document: `cut ${cut - (cut % CUTS_PER_CAST)}`, promised })
      lost += found.lost
      damaged += found.damaged
      acknowledged += [...promised.values()].reduce((sum, count) => sum + count, 0)
    }
    return { 'edits lost': lost, 'documents damaged': damaged, cuts, 'edits promised': acknowledged }
  },
}

interface Expected {
  readonly document: string
  readonly promised: ReadonlyMap<string, number>
}

async function lookAt(lab: Lab, disk: DiskImage, { document, promised }: Expected) {
  const server = await lab.server({ data: `${disk.folder}/data` })
  const lost = await lostAt(lab, server.url, document, promised)
  await server.kill()
  disk.unmount()
  return { lost, damaged: server.complaints.includes('storage-corrupt') ? 1 : 0 }
}

async function newCast(
  lab: Lab,
  url: string,
  { before, name }: { readonly before: readonly Typist[]; readonly name: string },
): Promise<readonly Typist[]> {
  for (const { client } of before) client.destroy()
  const cast = Array.from({ length: TYPISTS }, (_, index) => new Typist(lab.client(url, name), `typist ${index}`))
  await Promise.all(cast.map(({ client }) => client.whenSynced))
  return cast
}

function cutsFor({ isShort, scale }: Lab, subject: Subject): number {
  if (subject === 'control') return 2
  return isShort ? 3 : Math.ceil(50 * scale)
}
