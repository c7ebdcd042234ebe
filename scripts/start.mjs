/**
 * `npm start [-- options]`: sets up what is missing, then serves. Options go to `weft serve`.
 */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ensureBuild } from './output.mjs'
import { ensurePackages, requireNode, root, runScript } from './setup.mjs'

await runScript(async () => {
  requireNode()
  ensurePackages()
  ensureBuild()
  // In this process and not in a child: signals, exit code and pid are then the server's own.
  const main = join(root, 'dist/server/main.js')
  process.argv.splice(1, 1, main, 'serve')
  await import(pathToFileURL(main).href)
})
