/**
 * `npm run bench [-- options]`: sets up what is missing, the other servers included, then measures.
 *
 * The load generator gets the second core to itself; servers run on the first one.
 */
import { join } from 'node:path'
import { ensureBuild } from '../scripts/output.mjs'
import { ensurePeers } from '../scripts/peers.mjs'
import { ensurePackages, hasCommand, requireNode, root, run, runScript, SetupError, tool } from '../scripts/setup.mjs'

const GENERATOR_CORE = '1'

await runScript(() => {
  requireNode()
  if (!hasCommand('taskset')) throw new SetupError('taskset is missing; it is part of util-linux.')
  ensurePackages()
  ensurePeers()
  ensureBuild()
  if (!run(tool('tsc'), ['-b', 'bench'])) throw new SetupError('tsc failed; its messages are above.')
  const main = join(root, 'dist/bench/main.js')
  const args = ['-c', GENERATOR_CORE, process.execPath, '--max-semi-space-size=64', main, ...process.argv.slice(2)]
  if (!run('taskset', args)) process.exitCode = 1
})
