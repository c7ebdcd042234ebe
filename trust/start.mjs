/**
 * `npm run trust [-- options]`: sets up what is missing, builds, then measures every promise.
 */
import { join } from 'node:path'
import { ensureBuild } from '../scripts/output.mjs'
import { ensurePackages, requireNode, root, run, runScript, SetupError, tool } from '../scripts/setup.mjs'

await runScript(() => {
  requireNode()
  ensurePackages()
  ensureBuild()
  if (!run(tool('tsc'), ['-b', 'trust'])) throw new SetupError('tsc failed; its messages are above.')
  if (!run(process.execPath, [join(root, 'dist/trust/main.js'), ...process.argv.slice(2)])) process.exitCode = 1
})
