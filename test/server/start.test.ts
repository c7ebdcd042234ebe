/** What a start loads, most of the time in which a killed server serves nobody, and what it asks of its threads. */
import { readdirSync, readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { expect, onTestFinished, test } from 'vitest'
import { launchServer } from '../../trust/server-process.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

/** Writes the address of each module that any thread of the process loads. */
const TELL_LOADED = `
  import { writeSync } from 'node:fs'
  export const load = (url, context, nextLoad) => {
    writeSync(2, url + '\\n')
    return nextLoad(url, context)
  }`

test('[SU1] a start without keys loads nothing that reads tokens, imports documents or draws progress', async () => {
  const preload = `import { register } from 'node:module'; register(${JSON.stringify(inUrl(TELL_LOADED))})`
  const env = { NODE_OPTIONS: `--import ${inUrl(preload)}` }
  const server = await launchServer({ data: await temporaryFolder(), env })
  onTestFinished(() => server.kill())
  const loaded = server.complaints
  expect(loaded).toContain('/store/engine.js')
  expect(loaded).toContain('/http/http.js')
  expect(loaded).not.toMatch(/node_modules\/(jose|cli-progress)\/|\/server\/(import|auth\/(keys|mint))/)
})

test.each([
  { flags: '', helpers: 4 },
  { flags: '--v8-pool-size=2', helpers: 2 },
])(
  '[SU2] the $helpers threads in which V8 works for all others let them go first ($flags)',
  async ({ flags, helpers }) => {
    const server = await launchServer({ data: await temporaryFolder(), env: { NODE_OPTIONS: flags } })
    onTestFinished(() => server.kill())
    const polite = nicenessOf(server.pid).map((niceness) => niceness === constants.priority.PRIORITY_BELOW_NORMAL)
    // The main thread, and the one that keeps time for the helpers, begin first.
    expect(polite.indexOf(true)).toBe(2)
    expect(polite.lastIndexOf(true)).toBe(1 + helpers)
    expect(polite.filter(Boolean)).toHaveLength(helpers)
  },
)

/** Of each thread of a process, the oldest one first. */
function nicenessOf(pid: number): readonly number[] {
  const threads = readdirSync(`/proc/${pid}/task`).toSorted((a, b) => Number(a) - Number(b))
  // Field 19 of proc_pid_stat(5); the name before it, in parentheses, may hold spaces.
  return threads.map((thread) => {
    const fields = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
    return Number(fields[16])
  })
}

function inUrl(source: string): string {
  return `data:text/javascript,${encodeURIComponent(source)}`
}
