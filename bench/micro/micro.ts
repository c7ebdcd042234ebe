/** The micro-benchmarks, one after the other. */
import { print, say } from '../report/progress.ts'
import { microCommit } from './commit.ts'
import { microWalk } from './walk.ts'

export async function micro(): Promise<void> {
  say('reading updates (10 s) …')
  print(`${microWalk().join('\n')}\n`)
  say('writing updates (20 s) …')
  print((await microCommit()).join('\n'))
}
