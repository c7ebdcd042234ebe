/** What `npm start` and `npm test` do before their own work. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { lockOf, StubProject } from './stub-project.ts'

let project: StubProject

beforeEach(() => {
  project = new StubProject()
})

afterEach(() => {
  project[Symbol.dispose]()
})

describe('set-up', () => {
  test('[SC1] a Node that is too old is refused, and the message says which is needed', () => {
    project.put('package.json', JSON.stringify({ engines: { node: '>=99.1' } }))
    const { status, output } = project.run('start')
    expect(status).toBe(1)
    expect(output).toContain(`Node 99.1 or newer is needed; this is Node ${process.versions.node}`)
    expect(project.takeCalls()).toEqual([])
  })

  test('[SC2] packages that are those of the lock are left alone', () => {
    expect(project.run('start').status).toBe(0)
    expect(project.takeCalls().filter((call) => call.startsWith('npm'))).toEqual([])
  })

  test('[SC3] missing packages are installed', () => {
    project.remove('node_modules/.package-lock.json')
    project.command('npm', `echo '${lockOf('1.0.0')}' > node_modules/.package-lock.json`)
    expect(project.run('start').status).toBe(0)
    expect(project.takeCalls()[0]).toMatch(/^npm ci/)
  })

  test('[SC4] packages of another version than the lock says are replaced', () => {
    project.put('package-lock.json', lockOf('2.0.0'))
    project.command('npm', `echo '${lockOf('2.0.0')}' > node_modules/.package-lock.json`)
    const { status, output } = project.run('start')
    expect(status).toBe(0)
    expect(output).toContain('better-sqlite3 2.0.0 is not here')
  })

  test('[SC5] an addon that this Node cannot load is installed again', () => {
    project.put('node_modules/better-sqlite3/index.js', 'throw new Error("NODE_MODULE_VERSION")')
    project.command('npm', `echo 'module.exports = class { close() {} }' > node_modules/better-sqlite3/index.js`)
    expect(project.run('start').status).toBe(0)
    expect(project.takeCalls()[0]).toMatch(/^npm ci/)
  })

  test('[SC6] root gets the compiler that an installation lacks, and the installation is tried again', () => {
    project.remove('node_modules/.package-lock.json')
    project.command('npm', `[ -e bin/g++ ] && echo '${lockOf('1.0.0')}' > node_modules/.package-lock.json`)
    project.command('apt-get', '[ "$2" = install ] && : > bin/g++ || true')
    expect(project.run('start').status).toBe(0)
    const calls = project.takeCalls().filter((call) => /^(?:npm|apt-get)/.test(call))
    expect(calls.map((call) => call.split(' ').slice(0, 3).join(' '))).toEqual([
      'npm ci --no-audit',
      'apt-get -qq update',
      'apt-get -qq install',
      'npm ci --no-audit',
    ])
  })

  test('[SC7] who may not install packages is told what to type', () => {
    project.remove('node_modules/.package-lock.json')
    project.command('npm', 'exit 1')
    project.command('apt-get')
    const { status, output } = project.run('start', [], { isRoot: false })
    expect(status).toBe(1)
    expect(output).toContain('sudo apt-get update && sudo apt-get install -y python3 make g++')
    expect(project.takeCalls().filter((call) => call.startsWith('apt-get'))).toEqual([])
  })

  test('[SC8] a browser that was chosen and cannot be run is named', () => {
    const { status, output } = project.run('test', [], { env: { CHROMIUM_PATH: '/nowhere/chromium' } })
    expect(status).toBe(1)
    expect(output).toContain('CHROMIUM_PATH is /nowhere/chromium, which cannot be run.')
  })
})
