/**
 * `npm test [-- filters]`: sets up what is missing, builds, runs every check and every test, and counts.
 *
 * The last line is `N passed, N failed, N skipped`: all tests of all suites, and each check as one test.
 * Filters choose test files by a part of their path, as Vitest does; the checks always run.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureChromium } from './chromium.mjs'
import { buildSteps, pruneOutput } from './output.mjs'
import { capture, ensurePackages, requireNode, run, runScript, say, tool } from './setup.mjs'

/** In this order: the tests run what the first two build. */
const CHECKS = [
  ...buildSteps,
  { name: 'oxlint', command: tool('oxlint'), args: [] },
  { name: 'oxfmt', command: tool('oxfmt'), args: ['--check'] },
  { name: 'knip', command: tool('knip'), args: ['--no-progress'] },
]

await runScript(() => {
  requireNode()
  ensurePackages()
  const chromium = ensureChromium()
  pruneOutput()
  say(`${CHECKS.length} checks, each counted as one test`)
  const totals = [...CHECKS.map(runCheck), runTests(process.argv.slice(2), chromium)]
  const sum = (key) => totals.reduce((count, total) => count + total[key], 0)
  if (sum('failed') > 0) process.exitCode = 1
  console.log(`${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped`)
})

/** Runs one check and shows its output only when it failed. */
function runCheck({ name, command, args }) {
  const start = performance.now()
  const { ok, output } = capture(command, args)
  const seconds = ((performance.now() - start) / 1000).toFixed(1)
  console.log(ok ? `  ✓ ${name} (${seconds} s)` : `  ✗ ${name} (${seconds} s)\n${output}`)
  return { passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0 }
}

/** Runs Vitest and counts what it reports. */
function runTests(filters, chromium) {
  const folder = mkdtempSync(join(tmpdir(), 'weft-test-'))
  const report = join(folder, 'report.json')
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  // A source path chooses the test that was compiled from it.
  const compiled = filters.map((filter) => filter.replace(/\.ts$/, '.js'))
  try {
    const ok = run(tool('vitest'), ['run', ...reporters, ...compiled], { CHROMIUM_PATH: chromium })
    return countTests(ok, report)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function countTests(ok, path) {
  let report
  try {
    report = JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    say('Vitest ended without a report; that counts as one failed test.')
    return { passed: 0, failed: 1, skipped: 0 }
  }
  const { numPassedTests: passed, numPendingTests, numTodoTests } = report
  // A file that cannot be loaded, or whose hook failed, is failed although none of its tests is.
  const broken = report.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.every((test) => test.status !== 'failed'),
  )
  let failed = report.numFailedTests + broken.length
  if (!ok && failed === 0) {
    say('Vitest failed outside a test; that counts as one failed test.')
    failed = 1
  }
  return { passed, failed, skipped: numPendingTests + numTodoTests }
}
