/** Runs scenarios against targets, interleaved over rounds, and writes the table. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus, release } from 'node:os'
import { join } from 'node:path'
import { makeTrace, PAPER_EDITS, readTrace } from './load/trace.ts'
import { type ProfileKind, profileArguments, summarise } from './report/profile.ts'
import { print, say } from './report/progress.ts'
import { Results } from './report/results.ts'
import { markdownTable, missedMusts } from './report/table.ts'
import { Laboratory } from './scenarios/lab.ts'
import type { Scenario } from './scenarios/scenario.ts'
import { scenarios } from './scenarios/scenarios.ts'
import { type TargetName, targets as openTargets } from './targets/targets.ts'
import { withAuth } from './targets/with-auth.ts'

export interface CompareOptions {
  readonly targets: readonly TargetName[]
  /** Ids of scenarios; empty means all. */
  readonly scenarios: readonly string[]
  readonly rounds: number
  /** Whether Weft checks tokens. */
  readonly hasAuth: boolean
  readonly isQuick: boolean
  /** A trace file; without it one is made up. */
  readonly trace: string | null
  /** Profiles Weft's server: slower, so not to be quoted. */
  readonly profile: ProfileKind | null
  /** Where results and profiles go. */
  readonly folder: string
}

/** A quick run writes this much of the paper. */
const QUICK_EDITS = 40_000

/** Resolves with the number of musts that were missed. */
export async function compare(options: CompareOptions): Promise<number> {
  const { rounds, hasAuth, isQuick, trace, folder } = options
  mkdirSync(folder, { recursive: true })
  const limit = isQuick ? QUICK_EDITS : PAPER_EDITS
  const edits = trace === null ? makeTrace(limit) : await readTrace(trace, limit)
  const chosen = scenarios.filter(({ id }) => options.scenarios.length === 0 || options.scenarios.includes(id))
  const targets = hasAuth ? await withAuth(openTargets) : openTargets
  const results = new Results()
  const count = rounds * chosen.reduce((sum, scenario) => sum + targetsOf(scenario, options).length, 0)
  let done = 0
  for (let round = 1; round <= rounds; round++) {
    for (const scenario of chosen) {
      for (const name of targetsOf(scenario, options)) {
        say(`[${++done}/${count}] round ${round}, ${scenario.id} ${scenario.title}: ${targets[name].title}`)
        const profiles = join(folder, 'profiles', `${scenario.id}-${name}-${round}`)
        const nodeArgs = options.profile === null ? [] : profileArguments(options.profile, profiles)
        const laboratory = new Laboratory({ isQuick, edits, nodeArgs })
        const startMs = performance.now()
        const measures = await laboratory.run(scenario, targets[name])
        results.add({ round, scenario: scenario.id, target: name, measures })
        say(`    ${((performance.now() - startMs) / 1000).toFixed(0)} s: ${summary(measures)}`)
        if (options.profile !== null) say(summarise(profiles))
        // After each run, so that an interrupted one is not lost.
        save(options, results)
      }
    }
  }
  print(markdownTable(results, hasAuth))
  return missedMusts(results)
}

/** Y-websocket's server stands for both of its forms. */
function targetsOf(scenario: Scenario, options: CompareOptions): readonly TargetName[] {
  return scenario.targets.filter((name) => options.targets.includes(name === 'y-leveldb' ? 'y-websocket' : name))
}

function save(options: CompareOptions, results: Results): void {
  const { folder, rounds, hasAuth, isQuick, trace } = options
  const machine = { cpu: cpus()[0]?.model ?? '', cores: cpus().length, linux: release(), node: process.version }
  const settings = { rounds, hasAuth, isQuick, trace: trace === null ? 'made up' : 'from a file' }
  const report = { finishedAt: new Date().toISOString(), machine, settings, runs: results.runs }
  writeFileSync(join(folder, 'latest.json'), `${JSON.stringify(report, null, 2)}\n`)
  writeFileSync(join(folder, 'latest.md'), `${markdownTable(results, hasAuth)}\n`)
}

function summary(measures: Readonly<Record<string, number>>): string {
  return Object.entries(measures)
    .map(([name, value]) => `${name} ${Number(value.toPrecision(4))}`)
    .join(', ')
}
