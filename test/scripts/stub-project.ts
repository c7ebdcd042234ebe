/**
 * A project in a temporary folder with the real scripts and pretended tools, so that the scripts can be watched
 * without installing or building anything. Commands that are not put there do not exist for the scripts.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The project's root, seen from dist/test/scripts. */
const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

/** Everything that a pretended command was called with, one call a line. */
const CALLS = 'calls.log'

export interface Result {
  readonly status: number | null
  readonly output: string
  /** The last line that is not empty. */
  readonly lastLine: string
}

export class StubProject {
  readonly #folder = mkdtempSync(join(tmpdir(), 'weft-scripts-'))

  /** Everything is installed and current, and every tool succeeds. */
  constructor() {
    cpSync(join(ROOT, 'scripts'), join(this.#folder, 'scripts'), { recursive: true })
    this.put('package.json', JSON.stringify({ type: 'module', engines: { node: '>=20.19' } }))
    this.put('package-lock.json', lockOf('1.0.0'))
    this.put('node_modules/.package-lock.json', lockOf('1.0.0'))
    this.put('node_modules/better-sqlite3/index.js', 'module.exports = class { close() {} }')
    this.put('server/main.ts', '')
    this.put('dist/server/main.js', '')
    for (const tool of ['tsc', 'oxlint', 'oxfmt', 'knip', 'vitest']) this.tool(tool)
    this.tool('vite', '/bin/mkdir -p dist/public')
    this.command('chromium')
    symlinkSync('/usr/bin/env', join(this.#folder, 'bin/env'))
  }

  /** Writes a file of the project. */
  put(path: string, text: string, mode = 0o644): void {
    mkdirSync(dirname(join(this.#folder, path)), { recursive: true })
    writeFileSync(join(this.#folder, path), text, { mode })
  }

  /** The text of a file of the project; null when there is none. */
  read(path: string): string | null {
    return existsSync(join(this.#folder, path)) ? readFileSync(join(this.#folder, path), 'utf8') : null
  }

  /** Removes a file of the project. */
  remove(path: string): void {
    rmSync(join(this.#folder, path))
  }

  /** Pretends a tool that comes with the packages; `script` is for a POSIX shell and runs in the project. */
  tool(name: string, script = ''): void {
    this.put(`node_modules/.bin/${name}`, commandOf(name, script), 0o755)
  }

  /** Pretends a command of the system. */
  command(name: string, script = ''): void {
    this.put(`bin/${name}`, commandOf(name, script), 0o755)
  }

  /** Runs one of the project's scripts as root, or as another user. */
  run(script: string, args: readonly string[] = [], { isRoot = true, env = {} } = {}): Result {
    const { status, stdout, stderr } = spawnSync(process.execPath, [`scripts/${script}.mjs`, ...args], {
      cwd: this.#folder,
      encoding: 'utf8',
      env: {
        PATH: join(this.#folder, 'bin'),
        CHROMIUM_PATH: join(this.#folder, 'bin/chromium'),
        NODE_OPTIONS: `--import=data:text/javascript,process.getuid=()=>${isRoot ? 0 : 1000}`,
        ...env,
      },
    })
    return { status, output: stdout + stderr, lastLine: stdout.trimEnd().split('\n').at(-1) ?? '' }
  }

  /** What pretended commands were called with since the last time, oldest first. */
  takeCalls(): readonly string[] {
    const calls = this.read(CALLS)
    if (calls === null) return []
    this.remove(CALLS)
    return calls.trimEnd().split('\n')
  }

  /** Removes the project's folder. */
  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true })
  }
}

/** A lock file that asks for better-sqlite3 in one version, and for a package of another system. */
export function lockOf(version: string): string {
  const packages = {
    '': { version: '0.1.0' },
    'node_modules/better-sqlite3': { version, integrity: `sha512-${version}` },
    'node_modules/@oxlint/binding-darwin-arm64': { version, optional: true },
  }
  return JSON.stringify({ packages })
}

function commandOf(name: string, script: string): string {
  return `#!/bin/sh\necho "${name} $*" >> ${CALLS}\n${script}\n`
}
