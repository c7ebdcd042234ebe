/** The command line of the scorecard; `npm run trust` comes here once everything is installed and built. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { rows } from './rows.ts'
import type { LabOptions } from './lab.ts'
import { progressOn } from './progress.ts'
import { judge, lineOf, measureOn, peerLineOf, type Verdict } from './verdict.ts'

const HELP = `npm run trust -- [options]     measures what docs/guarantees.md promises, row by row

  --row 1,2        only these rows; all without it
  --short          as small as in the tests: seconds, not minutes
  --scale 0.25     a part of the long form's kills and cuts; with four seeds it is all of them, in pieces
  --seed n         what random choices are made from; 1 without it
  --peers          also measures other servers, where a row can; they are not judged
  --out folder     where latest.json goes; trust/results without it

Prints one line a row: PASS, FAIL, or NOT RUN where this machine lacks what it takes. Ends with code 1 unless all passed.`

const { values } = parseArgs({
  options: {
    row: { type: 'string' },
    short: { type: 'boolean', default: false },
    scale: { type: 'string', default: '1' },
    seed: { type: 'string', default: '1' },
    peers: { type: 'boolean', default: false },
    out: { type: 'string', default: fileURLToPath(new URL('../../trust/results', import.meta.url)) },
    help: { type: 'boolean', default: false },
  },
})

// With the exit, and not with the signal, every server that runs is ended too.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))

if (values.help) console.log(HELP)
else await run()

async function run(): Promise<void> {
  const showProgress = progressOn(process.stderr)
  const chosen = choose()
  const verdicts: Verdict[] = []
  for (const row of chosen) {
    const options: LabOptions = {
      isShort: values.short,
      scale: Number(values.scale),
      seed: Number(values.seed),
      progress: (line) => showProgress(`${row.number}: ${line}`),
    }
    const verdict = await judge(row, options)
    verdicts.push(verdict)
    showProgress('')
    console.log(lineOf(verdict))
    if (!values.peers) continue
    for (const peer of row.peers ?? []) {
      const measures = await measureOn(row, peer, options)
      showProgress('')
      console.log(peerLineOf(row, peer, measures))
    }
  }
  const passed = verdicts.filter(({ outcome }) => outcome === 'PASS').length
  console.log(`${passed} of ${verdicts.length} rows passed.`)
  await mkdir(values.out, { recursive: true })
  const result = { at: new Date().toISOString(), node: process.version, short: values.short, verdicts }
  await writeFile(join(values.out, 'latest.json'), `${JSON.stringify(result, null, 2)}\n`)
  process.exit(passed === verdicts.length ? 0 : 1)
}

function choose() {
  if (values.row === undefined) return rows
  return values.row.split(',').map((text) => {
    const row = rows.find(({ number }) => String(number) === text)
    if (row === undefined)
      throw new Error(`There is no row ${text}; there are ${rows.map((one) => one.number).join(', ')}.`)
    return row
  })
}
