/**
 * `npm run trust [-- options]`: sets up what is missing, builds, then measures every promise.
 */
import { join } from 'node:path'
import { ensureFaultInjection } from '../scripts/faults.mjs'
import { ensureBuild } from '../scripts/output.mjs'
import { ensurePeers } from '../scripts/peers.mjs'
import { ensurePackages, requireNode, root, run, runScript, SetupError, tool } from '../scripts/setup.mjs'

await runScript(() => {
  const args = process.argv.slice(2)
  requireNode()
  ensurePackages()
  ensureFaultInjection()
  if (args.includes('--peers')) ensurePeers()
  ensureBuild()
  if (!run(tool('tsc'), ['-b', 'trust'])) throw new SetupError('tsc failed; its messages are above.')
  if (!run(process.execPath, [join(root, 'dist/trust/main.js'), ...args])) process.exitCode = 1
})
