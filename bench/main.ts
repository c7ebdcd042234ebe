/** The command line of the bench; `npm run bench` comes here once everything is installed and built. */
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { compare } from './compare.ts'
import { micro } from './micro/micro.ts'
import { neighbour } from './neighbour/neighbour.ts'
import type { ProfileKind } from './report/profile.ts'
import { print, say } from './report/progress.ts'
import { soak } from './soak/soak.ts'
import { TARGET_NAMES, type TargetName } from './targets/targets.ts'

const HELP = `npm run bench -- [options]           compares servers; the table goes to standard output
npm run bench -- micro               times the walk of updates and the way to the disk, in process
npm run bench -- neighbour           times a room while huge documents next door are opened, edited and folded
npm run bench -- soak                keeps 200 rooms churning and watches memory, event loop and WAL

  --target a,b        raw, y-websocket, hocuspocus, weft; all without it
  --scenario a,b      S1, S2, S4 … S10; S3 is part of S8; all without it
  --rounds n          how often everything is run, interleaved; 3 without it
  --trace file        the paper of S8 as gzipped JSON of the editing-traces collection; made up without it
  --auth              Weft checks a token of each client, who is a user of its own; the other servers let everybody in
  --quick             short and small: to see that it works, not to quote
  --profile cpu|heap  profiles the servers and prints the hottest functions; their figures are then not to be quoted
  --minutes n         how long the soak takes; 10 without it
  --megabytes n       of the neighbour's large document; 50 without it
  --clients n         client ids of the neighbour's other document; 5000 without it
  --out folder        where results go; bench/results without it`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    target: { type: 'string' },
    scenario: { type: 'string' },
    rounds: { type: 'string', default: '3' },
    trace: { type: 'string' },
    auth: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    profile: { type: 'string' },
    minutes: { type: 'string', default: '10' },
    megabytes: { type: 'string', default: '50' },
    clients: { type: 'string', default: '5000' },
    out: { type: 'string', default: fileURLToPath(new URL('../../bench/results', import.meta.url)) },
    help: { type: 'boolean', default: false },
  },
})

// With the exit, and not with the signal, every server that runs is ended too.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))

const missed = await run(positionals[0] ?? 'compare')
if (missed > 0) {
  say(`${missed} rows miss what they must reach.`)
  process.exitCode = 1
}

/** Resolves with the number of misses. */
async function run(command: string): Promise<number> {
  if (values.help) {
    print(HELP)
    return 0
  }
  if (command === 'soak') return soak({ minutes: Number(values.minutes) })
  if (command === 'neighbour') {
    const { rounds, megabytes, clients } = values
    return neighbour({ rounds: Number(rounds), megabytes: Number(megabytes), clients: Number(clients) })
  }
  if (command === 'micro') {
    await micro()
    return 0
  }
  if (command !== 'compare') throw new Error(`There is no "${command}" here.\n${HELP}`)
  return compare({
    targets: (values.target?.split(',') ?? TARGET_NAMES).map(parseTarget),
    scenarios: values.scenario?.split(',') ?? [],
    rounds: Number(values.rounds),
    hasAuth: values.auth,
    isQuick: values.quick,
    trace: values.trace ?? null,
    profile: parseProfile(values.profile),
    folder: values.out,
  })
}

function parseTarget(name: string): TargetName {
  const target = TARGET_NAMES.find((known) => known === name)
  if (target === undefined) throw new Error(`There is no target "${name}"; there are ${TARGET_NAMES.join(', ')}.`)
  return target
}

function parseProfile(kind: string | undefined): ProfileKind | null {
  if (kind === undefined) return null
  if (kind !== 'cpu' && kind !== 'heap') throw new Error(`A profile is of cpu or heap, not of "${kind}".`)
  return kind
}
