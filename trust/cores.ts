/**
 * Cores for a server that those who load it do not share: else it would be blamed for waiting until they give it one.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import type { Lab } from './lab.ts'
import { CannotRun } from './row.ts'

/**
 * Keeps this process on its last core until `lab` ends. Returns the command that runs a server on the other ones.
 * Throws `CannotRun` where there is one core only, or no `taskset`.
 */
export function shareCores(lab: Lab): readonly string[] {
  const cores = ownCores()
  const last = cores.at(-1)
  if (last === undefined || cores.length < 2)
    throw new CannotRun('it takes two cores: for the server, and for the load')
  keepOn([last])
  lab.atEnd(() => keepOn(cores))
  return ['taskset', '-c', cores.slice(0, -1).join(',')]
}

function keepOn(cores: readonly number[]): void {
  const { status } = spawnSync('taskset', ['-a', '-c', '-p', cores.join(','), String(process.pid)])
  if (status !== 0) throw new CannotRun('taskset, of util-linux, is missing or may not be used')
}

/** Those that this process may use: `0-2,5` in Linux' words. */
function ownCores(): readonly number[] {
  const list = /^Cpus_allowed_list:\s+(\S+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? ''
  return list.split(',').flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number)
    return Array.from({ length: last - first + 1 }, (_, at) => first + at)
  })
}
