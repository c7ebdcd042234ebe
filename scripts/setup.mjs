/**
 * What every script needs before it can do its own work: a Node that is new enough and the installed packages.
 *
 * Runs on a machine that has only Node, npm and git, so it uses nothing but Node itself.
 */
import { spawnSync } from 'node:child_process'
import { accessSync, constants, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Absolute path of the project, with a slash at its end. */
export const root = fileURLToPath(new URL('../', import.meta.url))

/** A failure that is explained in full by its message; scripts print it without a stack. */
export class SetupError extends Error {}

/** Prints what is about to happen, so that nobody looks at a silent screen. */
export function say(message) {
  console.log(`weft: ${message}`)
}

/** Runs a command in the project folder with its output on the screen; true when it ended with 0. */
export function run(command, args, env = {}) {
  return spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, ...env } }).status === 0
}

/** Runs a command in the project folder and keeps its output: `{ ok, output }`. */
export function capture(command, args) {
  const { status, stdout, stderr } = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  return { ok: status === 0, output: stdout + stderr }
}

/** Absolute path of a command line tool that the project's packages bring. */
export function tool(name) {
  return join(root, 'node_modules', '.bin', name)
}

/** True when `command` can be run. */
export function hasCommand(command) {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => isExecutable(join(folder, command)))
}

/** True when `path` is a file that this user may execute. */
export function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    // Missing and not permitted are the same to the caller: it cannot be run.
    return false
  }
}

/** Installs Debian packages, and throws with the command to type when that is not possible here. */
export function installDebianPackages(packages, purpose) {
  const names = packages.join(' ')
  const byHand = `Install it by hand:\n  sudo apt-get update && sudo apt-get install -y ${names}`
  if (!hasCommand('apt-get')) throw new SetupError(`${purpose} is missing, and apt-get is not here. Needed: ${names}.`)
  const asRoot = process.getuid?.() === 0 ? [] : ['sudo', '-n']
  if (asRoot.length > 0 && !(hasCommand('sudo') && capture('sudo', ['-n', 'true']).ok)) {
    throw new SetupError(`${purpose} is missing, and this user may not install packages. ${byHand}`)
  }
  const apt = (...args) => {
    const [command, ...rest] = [...asRoot, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-qq', ...args]
    return run(command, rest)
  }
  say(`installing ${names} (${purpose}) …`)
  if (!apt('update') || !apt('install', '-y', '--no-install-recommends', ...packages)) {
    throw new SetupError(`${purpose} could not be installed. ${byHand}`)
  }
}

/** Throws unless this Node is new enough for the project. */
export function requireNode() {
  const { engines } = readJson('package.json')
  const needed = engines.node.replace('>=', '')
  const [major, minor] = needed.split('.').map(Number)
  const [ourMajor, ourMinor] = process.versions.node.split('.').map(Number)
  if (ourMajor < major || (ourMajor === major && ourMinor < minor)) {
    throw new SetupError(
      `Node ${needed} or newer is needed; this is Node ${process.versions.node} (${process.execPath}).`,
    )
  }
}

/** Installs what package-lock.json names, unless exactly that is installed and works with this Node. */
export function ensurePackages() {
  const reason = whyInstall()
  if (reason === null) return
  say(`installing packages, because ${reason} (about a minute) …`)
  if (install()) return
  const compiler = ['python3', 'make', 'g++']
  if (compiler.every(hasCommand)) throw new SetupError('npm ci failed; its messages are above.')
  // better-sqlite3 is compiled where no ready-made binary fits this system or can be downloaded.
  installDebianPackages(compiler, 'a compiler for better-sqlite3')
  if (!install()) throw new SetupError('npm ci failed although a compiler is there; its messages are above.')
}

/** Calls `main` and turns what it throws into a message and exit code 1. */
export async function runScript(main) {
  try {
    await main()
  } catch (error) {
    console.error(error instanceof SetupError ? `weft: ${error.message}` : error)
    process.exitCode = 1
  }
}

function install() {
  return run('npm', ['ci', '--no-audit', '--no-fund']) && whyInstall() === null
}

/**
 * Why the packages must be installed, or null. Compares contents and not times: a fresh checkout touches every
 * file, and that must not cost an installation.
 */
function whyInstall() {
  let installed
  try {
    installed = readJson('node_modules/.package-lock.json').packages
  } catch {
    return 'there are none'
  }
  for (const [path, wanted] of Object.entries(readJson('package-lock.json').packages)) {
    if (path === '' || wanted.optional === true) continue
    if (installed[path]?.version !== wanted.version || installed[path]?.integrity !== wanted.integrity) {
      return `${path.replace('node_modules/', '')} ${wanted.version} is not here`
    }
  }
  return loadsSqlite() ? null : `better-sqlite3 does not load in Node ${process.versions.node}`
}

/** A binary made for another Node or another system is found only by loading it. */
function loadsSqlite() {
  try {
    const Database = createRequire(join(root, 'package.json'))('better-sqlite3')
    new Database(':memory:').close()
    return true
  } catch {
    // Whatever the reason is, installing again is the remedy.
    return false
  }
}

function readJson(path) {
  return JSON.parse(readFileSync(join(root, path), 'utf8'))
}

function spawn(command, args, options) {
  // 64 MB: a linter that complains about every file still fits.
  return spawnSync(command, args, { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024, ...options })
}
