/**
 * `npm run build`: sets up what is missing, then builds everything, the tests included.
 */
import { buildSteps, pruneOutput } from './output.mjs'
import { ensurePackages, requireNode, run, runScript, SetupError } from './setup.mjs'

await runScript(() => {
  requireNode()
  ensurePackages()
  pruneOutput()
  for (const { name, command, args } of buildSteps) {
    if (!run(command, args)) throw new SetupError(`${name} failed; its messages are above.`)
  }
})
