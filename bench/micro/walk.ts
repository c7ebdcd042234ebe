/** What reading updates by their bytes costs, beside decoding them with Yjs. */
import * as Y from 'yjs'
import { Gas } from '../../server/compute/gas.ts'
import { ClientOwners } from '../../server/core/client-owners.ts'
import { Coverage } from '../../shared/update/coverage.ts'
import { foldUpdates } from '../../shared/update/fold.ts'
import { UpdateShape, walkUpdate } from '../../shared/update/walk.ts'
import { writePaper } from '../load/paper.ts'
import { makeTrace } from '../load/trace.ts'
import { touchedBy, typing } from '../load/typing.ts'
import { nanosecondsPerUnit } from './timing.ts'

const COUNT = 10_000

/** Lines of a Markdown table. */
export function microWalk(): readonly string[] {
  const typed = Array.from(typing(2 ** 31, COUNT, null), ({ update }) => Uint8Array.from(update))
  const paper = writePaper(makeTrace(COUNT)).updates.map(({ update }) => update)
  const wide = touchedBy(5_000).update
  const shape = new UpdateShape()
  const walk = (updates: readonly Uint8Array[]) => (): number => {
    for (const update of updates) walkUpdate(update, shape)
    return updates.length
  }
  const cover = (updates: readonly Uint8Array[], start: () => Coverage) => (): number => {
    const coverage = start()
    for (const update of updates) {
      walkUpdate(update, shape)
      if (coverage.relation(shape) === 'new') coverage.add(shape)
    }
    return updates.length
  }
  const own = (): number => {
    const coverage = Coverage.empty()
    const owners = new ClientOwners([], () => undefined)
    for (const update of typed) {
      walkUpdate(update, shape)
      if (coverage.relation(shape) !== 'new') continue
      owners.claim('ann', shape, coverage)
      coverage.add(shape)
    }
    return typed.length
  }
  const folded = foldUpdates(paper, null)
  const apply = (meter: (work: () => void) => void) => (): number => {
    const document = new Y.Doc()
    meter(() => document.transact(() => folded.forEach((update) => Y.applyUpdate(document, update))))
    return paper.length
  }
  const gas = { siblings: 1_000_000, structs: 1_000_000 }
  const decode = (): number => {
    for (const update of typed) Y.decodeUpdate(update)
    return typed.length
  }
  const covered = (): Coverage => {
    const coverage = Coverage.empty()
    walkUpdate(wide, shape)
    coverage.add(shape)
    return coverage
  }
  return [
    '| reading updates | ns/update |',
    '| --- | ---: |',
    line('walk, one typed letter', nanosecondsPerUnit(walk(typed))),
    line('walk, keystrokes of the paper', nanosecondsPerUnit(walk(paper))),
    line('walk and cover, one typed letter', nanosecondsPerUnit(cover(typed, () => Coverage.empty()))),
    line('walk and cover, keystrokes of the paper', nanosecondsPerUnit(cover(paper, () => Coverage.empty()))),
    line('walk and cover, in a document of 5,000 clients', nanosecondsPerUnit(cover(typed, covered))),
    line('walk, cover and ask whose client it is, one typed letter', nanosecondsPerUnit(own)),
    line('walk, one update of 5,000 clients', nanosecondsPerUnit(walk([wide]))),
    line('Y.decodeUpdate, one typed letter', nanosecondsPerUnit(decode)),
    line('in a thread: apply the paper, folded', nanosecondsPerUnit(apply((work) => work()))),
    line('… metered, its neighbours checked', nanosecondsPerUnit(apply((work) => new Gas(gas).run(work)))),
  ]
}

function line(label: string, nanoseconds: number): string {
  return `| ${label} | ${nanoseconds.toFixed(0)} |`
}
