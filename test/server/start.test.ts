/** What a start loads, most of the time in which a killed server serves nobody, and what it asks of its threads. */
import { execFile } from 'node:child_process'
import { availableParallelism, constants } from 'node:os'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { launchServer } from '../../trust/server-process.ts'
import { inUrl, tellingLoaded } from '../support/loaded-modules.ts'
import { nicenessOf } from '../support/niceness.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

/** Writes each flag that V8 is given at run time. */
const TELL_FLAGS = `
  import { writeSync } from 'node:fs'
  import { syncBuiltinESMExports } from 'node:module'
  import v8 from 'node:v8'
  const { setFlagsFromString } = v8
  v8.setFlagsFromString = (flag) => {
    writeSync(2, 'flag ' + flag + '\\n')
    setFlagsFromString(flag)
  }
  syncBuiltinESMExports()`

test('[SU1] a start without keys loads nothing that reads tokens, imports documents, draws progress or gives memory back', async () => {
  const server = await launchServer({ data: await temporaryFolder(), env: tellingLoaded() })
  onTestFinished(() => server.kill())
  const loaded = server.complaints
  expect(loaded).toContain('/store/engine.js')
  expect(loaded).toContain('/http/http.js')
  expect(loaded).not.toMatch(/node_modules\/(jose|cli-progress|koffi)\/|\/server\/(import|auth\/(keys|mint))/)
})

test.each([
  { flags: '', helpers: 4 },
  { flags: '--v8-pool-size=2', helpers: 2 },
])(
  '[SU2] the $helpers threads in which V8 works for all others let them go first ($flags)',
  async ({ flags, helpers }) => {
    const server = await launchServer({ data: await temporaryFolder(), env: { NODE_OPTIONS: flags } })
    onTestFinished(() => server.kill())
    const polite = [...nicenessOf(server.pid).values()].map(
      (niceness) => niceness === constants.priority.PRIORITY_BELOW_NORMAL,
    )
    // The main thread, and the one that keeps time for the helpers, begin first.
    expect(polite.indexOf(true)).toBe(2)
    expect(polite.lastIndexOf(true)).toBe(1 + helpers)
    expect(polite.filter(Boolean)).toHaveLength(helpers)
  },
)

test('[SU3] on one core, garbage is collected without helpers, for which the main thread would have to wait', async () => {
  expect(await helpersWork('')).toBeGreaterThan(0)
  expect(await helpersWork('collectWithoutHelpers()')).toBe(0)
})

test.each([
  { cores: '0', count: 6 },
  { cores: '0,1', count: availableParallelism() > 1 ? 0 : 6 },
])(
  '[SU3] a server on core $cores tells V8 so of $count kinds of work before it collects any',
  async ({ cores, count }) => {
    const env = { NODE_OPTIONS: `--import ${inUrl(TELL_FLAGS)}` }
    const under = ['taskset', '-c', cores]
    const server = await launchServer({ data: await temporaryFolder(), env, under })
    onTestFinished(() => server.kill())
    expect(server.complaints.match(/^flag --no-(parallel|concurrent)-[a-z-]+$/gm) ?? []).toHaveLength(count)
  },
)

/** For how many milliseconds helpers collected young garbage for a process on one core that does `first` before it makes any. */
async function helpersWork(first: string): Promise<number> {
  const module = new URL('../../server/cli/helper-threads.js', import.meta.url).href
  const code = `
    import { collectWithoutHelpers } from '${module}'
    ${first}
    let kept = []
    for (let at = 0; at < 4e6; at++) {
      kept.push({ at, more: [at] })
      if (at % 1e6 === 0) kept = []
    }`
  const { stdout } = await promisify(execFile)(
    'taskset',
    ['-c', '0', process.execPath, '--trace-gc-nvp', '--input-type=module', '-e', code],
    { maxBuffer: 2 ** 24 },
  )
  const times = [...stdout.matchAll(/background\.scavenge\.parallel=([\d.]+)/g)].map(([, ms]) => Number(ms))
  // V8 tells with every collection.
  expect(times.length).toBeGreaterThan(0)
  return times.reduce((sum, ms) => sum + ms, 0)
}
