/**
 * The other servers, which the bench and the scorecard compare with. They are no part of the product.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root, run, say, SetupError } from './setup.mjs'

/** Installs the servers to compare with into bench/, unless they are there. */
export function ensurePeers() {
  const folder = join(root, 'bench')
  const { dependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const isInstalled = Object.keys(dependencies).every((name) => existsSync(join(folder, 'node_modules', name)))
  if (isInstalled) return
  say('installing the servers to compare with into bench/ (a minute or two) …')
  if (!run('npm', ['ci', '--prefix', folder, '--no-audit', '--no-fund'])) {
    throw new SetupError('npm ci in bench/ failed; its messages are above.')
  }
}
