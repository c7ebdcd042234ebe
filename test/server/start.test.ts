/** What a start loads: most of the time in which a killed server serves nobody goes into that. */
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

function inUrl(source: string): string {
  return `data:text/javascript,${encodeURIComponent(source)}`
}
