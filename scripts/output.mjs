/**
 * Keeps dist/ true to the sources: TypeScript projects by tsc, the pages by Vite, nothing from files that are gone.
 */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root, run, say, SetupError, tool } from './setup.mjs'

/** The TypeScript projects of the product; dist/ has a folder of the same name for each. */
const PRODUCT = ['shared', 'server', 'web']

/** What Vite makes the pages from. */
const PAGE_SOURCES = ['shared', 'web', 'package-lock.json', 'tsconfig.base.json', 'vite.config.ts']

/** Lies in Vite's output, which Vite empties: pages built by hand are rebuilt rather than trusted. */
const STAMP = join(root, 'dist/public/.built-from')

/** What tsc writes for one source file. */
const EMITTED = /\.(?:js|js\.map|d\.ts)$/

/** The steps of a full build, in order. */
export const buildSteps = [
  { name: 'tsc', command: tool('tsc'), args: ['-b'] },
  { name: 'vite build', command: tool('vite'), args: ['build', '--logLevel', 'warn'] },
]

/** Brings dist/ up to date for running the server. Cheap when it is: tsc compares its own hashes in 0.2 s. */
export function ensureBuild() {
  const [compile, bundle] = buildSteps
  const sources = fingerprint(PAGE_SOURCES)
  const pagesAreCurrent = existsSync(STAMP) && readFileSync(STAMP, 'utf8') === sources
  if (!pagesAreCurrent) say('building (a few seconds) …')
  pruneOutput()
  // The tests are left out: a server must start even while a test does not compile.
  if (!run(compile.command, [...compile.args, ...PRODUCT])) throw new SetupError('tsc failed; its messages are above.')
  if (pagesAreCurrent) return
  if (!run(bundle.command, bundle.args)) throw new SetupError('vite build failed; its messages are above.')
  writeFileSync(STAMP, sources)
}

/**
 * Removes compiled files whose source is gone: tsc leaves them, and a test that no longer exists would
 * still be run and a module that no longer exists could still be imported.
 */
export function pruneOutput() {
  for (const project of [...PRODUCT, 'test', 'trust', 'bench']) {
    for (const file of filesBelow(`dist/${project}`)) {
      const source = file.replace('dist/', '').replace(EMITTED, '.ts')
      if (EMITTED.test(file) && !existsSync(join(root, source))) rmSync(join(root, file))
    }
  }
}

/** One hash over the names and contents of files and folders. */
function fingerprint(paths) {
  const hash = createHash('sha256')
  for (const file of paths.flatMap(filesBelow)) hash.update(`${file}\0`).update(readFileSync(join(root, file)))
  return hash.digest('hex')
}

/** The files at or below a path, sorted; paths are relative to the project. */
function filesBelow(path) {
  const stats = statSync(join(root, path), { throwIfNoEntry: false })
  if (stats === undefined) return []
  if (stats.isFile()) return [path]
  return readdirSync(join(root, path))
    .toSorted()
    .flatMap((name) => filesBelow(`${path}/${name}`))
}
