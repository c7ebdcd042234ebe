/** What `npm test` counts: its last line is what people and machines go by. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { StubProject } from './stub-project.ts'

const CHECKS = 5

let project: StubProject

beforeEach(() => {
  project = new StubProject()
})

afterEach(() => {
  project[Symbol.dispose]()
})

describe('npm test', () => {
  test('[SC13] the last line counts all tests, and each check as one', () => {
    reportTests({ numPassedTests: 30, numPendingTests: 2, numTodoTests: 1 })
    const { status, lastLine } = project.run('test')
    expect(lastLine).toBe(`${30 + CHECKS} passed, 0 failed, 3 skipped`)
    expect(status).toBe(0)
  })

  test('[SC14] a failed test fails the run', () => {
    reportTests({ numPassedTests: 30, numFailedTests: 2 }, 1)
    const { status, lastLine } = project.run('test')
    expect(lastLine).toBe(`${30 + CHECKS} passed, 2 failed, 0 skipped`)
    expect(status).toBe(1)
  })

  test('[SC15] a failed check counts as failed, shows why, and the tests run all the same', () => {
    project.tool('oxlint', 'echo "no-any: here"; exit 1')
    reportTests({ numPassedTests: 30 })
    const { status, output, lastLine } = project.run('test')
    expect(lastLine).toBe(`${30 + CHECKS - 1} passed, 1 failed, 0 skipped`)
    expect(output).toContain('no-any: here')
    expect(status).toBe(1)
  })

  test('[SC16] a test file that cannot be loaded counts as one failed test', () => {
    const testResults = [{ status: 'failed', assertionResults: [] }]
    reportTests({ numPassedTests: 30, numFailedTests: 1, testResults }, 1)
    expect(project.run('test').lastLine).toBe(`${30 + CHECKS} passed, 2 failed, 0 skipped`)
  })

  test('[SC17] a file whose hook failed counts as one failed test besides its skipped ones', () => {
    const testResults = [{ status: 'failed', assertionResults: [{ status: 'skipped' }] }]
    reportTests({ numPassedTests: 30, numFailedTests: 1, numPendingTests: 1, testResults }, 1)
    expect(project.run('test').lastLine).toBe(`${30 + CHECKS} passed, 2 failed, 1 skipped`)
  })

  test('[SC18] a failure outside every test, and a run in which no test ran, count as one failed test', () => {
    reportTests({}, 1)
    const { status, lastLine } = project.run('test')
    expect(lastLine).toBe(`${CHECKS} passed, 1 failed, 0 skipped`)
    expect(status).toBe(1)
  })

  test('[SC19] a test runner that dies without a report counts as one failed test', () => {
    project.tool('vitest', 'kill -9 $$')
    expect(project.run('test').lastLine).toBe(`${CHECKS} passed, 1 failed, 0 skipped`)
  })

  test('[SC20] filters choose test files, by their source path too', () => {
    reportTests({})
    project.run('test', ['test/server/room.test.ts', 'fuzz'])
    const call = project.takeCalls().find((line) => line.startsWith('vitest'))
    expect(call).toMatch(/ test\/server\/room\.test\.js fuzz$/)
  })
})

/** Makes the pretended test runner report this and end with `exitCode`. */
function reportTests(report: object, exitCode = 0): void {
  const none = { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, testResults: [] }
  const json = JSON.stringify({ ...none, ...report })
  project.tool(
    'vitest',
    `for one in "$@"; do case $one in --outputFile.json=*) echo '${json}' > "\${one#*=}";; esac; done; exit ${exitCode}`,
  )
}
