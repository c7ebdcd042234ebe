/** What `npm start` builds and runs. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { StubProject } from './stub-project.ts'

let project: StubProject

beforeEach(() => {
  project = new StubProject()
  project.put('dist/server/main.js', 'console.log("pid", process.pid, ...process.argv.slice(2)); process.exitCode = 7')
  project.put('web/app/index.html', '<p>one</p>')
})

afterEach(() => {
  project[Symbol.dispose]()
})

describe('npm start', () => {
  test('[SC9] options go to `weft serve`, and its exit code comes back', () => {
    const { status, lastLine } = project.run('start', ['--port', '5000'])
    expect(lastLine).toMatch(/^pid \d+ serve --port 5000$/)
    expect(status).toBe(7)
  })

  test('[SC10] pages are built once and again when a source changed', () => {
    const built = (): boolean => {
      project.run('start')
      return project.takeCalls().some((call) => call.startsWith('vite'))
    }
    expect([built(), built()]).toEqual([true, false])
    project.put('web/app/index.html', '<p>two</p>')
    expect([built(), built()]).toEqual([true, false])
  })

  test('[SC11] the server does not start when it does not compile', () => {
    project.tool('tsc', 'echo "server/main.ts: error"; exit 1')
    const { status, output } = project.run('start')
    expect(status).toBe(1)
    expect(output).toContain('server/main.ts: error')
    expect(output).not.toContain('pid')
  })

  test('[SC12] what was compiled from a source that is gone is removed, and nothing else', () => {
    project.put('test/server/kept.test.ts', '')
    for (const file of ['kept.test.js', 'gone.test.js', 'gone.test.js.map', 'gone.test.d.ts', 'data.json']) {
      project.put(`dist/test/server/${file}`, '')
    }
    project.run('start')
    expect(project.read('dist/test/server/kept.test.js')).toBe('')
    expect(project.read('dist/test/server/data.json')).toBe('')
    for (const file of ['gone.test.js', 'gone.test.js.map', 'gone.test.d.ts']) {
      expect(project.read(`dist/test/server/${file}`)).toBeNull()
    }
  })
})
