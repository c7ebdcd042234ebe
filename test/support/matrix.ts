/** Families of published clients, each installed in a folder of its own and run in a process of its own. */
import { type ChildProcess, fork, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { copyFile, mkdir, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface Family {
  /** The folder below test/matrix. */
  readonly name: string
  readonly packageName: 'y-websocket' | '@y/websocket' | '@hocuspocus/provider' | '@y-sweet/client'
  readonly version: string
}

const family = (packageName: Family['packageName'], prefix: string, version: string): Family => ({
  name: `${prefix}-${version}`,
  packageName,
  version,
})

export const families: readonly Family[] = [
  family('y-websocket', 'y-websocket', '1.5.4'),
  family('y-websocket', 'y-websocket', '2.1.0'),
  family('y-websocket', 'y-websocket', '3.0.0'),
  family('y-websocket', 'y-websocket', '3.1.0'),
  family('@y/websocket', 'y-websocket', '4.0.0-3'),
  family('@hocuspocus/provider', 'hocuspocus', '2.15.3'),
  family('@hocuspocus/provider', 'hocuspocus', '3.4.4'),
  family('@hocuspocus/provider', 'hocuspocus', '4.8.0'),
  family('@y-sweet/client', 'y-sweet', '0.9.1'),
]

/** What test/matrix/client.mjs can be told to do. */
export interface FamilyCalls {
  /** `socketOf` names a client whose socket this one shares; `token` is what it brings. */
  open(name: string, url: string, document: string, options?: { socketOf?: string; token?: string }): void
  insert(name: string, at: number, text: string): void
  text(name: string): string
  length(name: string): number
  isSynced(name: string): boolean
  isSaved(name: string): boolean | null
  introduce(name: string, as: string): void
  names(name: string): readonly string[]
  /** From the next time it is asked, or connects. */
  setToken(name: string, token: string): void
  /** How often the client was told that it may not come in. */
  denials(name: string): number
  cut(name: string): void
  mend(name: string): void
  close(name: string): void
}

/** The calls, answered by another process. */
export type RemoteFamily = {
  readonly [Call in keyof FamilyCalls]: (
    ...args: Parameters<FamilyCalls[Call]>
  ) => Promise<ReturnType<FamilyCalls[Call]>>
} & { stop(): Promise<void> }

interface Answer {
  readonly id: number
  readonly value?: unknown
  readonly error?: string
}

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const SOURCES = join(ROOT, 'test/matrix')
const CACHE = join(ROOT, 'node_modules/.cache/weft-matrix')

/** Installs what the lock file of a folder below test/matrix names, unless exactly that is installed. Returns where. */
async function installMatrix(name: string): Promise<string> {
  const lock = await readFile(join(SOURCES, name, 'package-lock.json'))
  const folder = join(CACHE, `${name}-${createHash('sha256').update(lock).digest('hex').slice(0, 12)}`)
  if (existsSync(folder)) return folder
  // Under another name until it is complete: an installation that was cut off must not be taken for one.
  const unfinished = `${folder}.${process.pid}`
  await mkdir(unfinished, { recursive: true })
  for (const file of ['package.json', 'package-lock.json'])
    await copyFile(join(SOURCES, name, file), join(unfinished, file))
  const npm = spawn('npm', ['ci', '--ignore-scripts', '--omit=optional', '--no-audit', '--no-fund'], {
    cwd: unfinished,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const complaints: string[] = []
  npm.stderr.setEncoding('utf8').on('data', (text: string) => complaints.push(text))
  const [code] = (await once(npm, 'close')) as [number | null]
  if (code !== 0) throw new Error(`npm ci failed for ${name}:\n${complaints.join('')}`)
  // Its native part is built by no script here; the project's own, of the same version, is found further up.
  await rm(join(unfinished, 'node_modules/better-sqlite3'), { recursive: true, force: true })
  await rm(folder, { recursive: true, force: true })
  await rename(unfinished, folder)
  return folder
}

/** A file below test/matrix. */
export function sourceOf(file: string): string {
  return join(SOURCES, file)
}

/** Installs a folder below test/matrix and puts a script beside its packages. Returns the script's path. */
export async function placeAgent(name: string, script: string): Promise<string> {
  const agent = join(await installMatrix(name), script)
  await copyFile(sourceOf(script), agent)
  return agent
}

/** Starts a process with a family's packages, installing them first where needed. */
export async function startFamily({ name, packageName }: Family): Promise<RemoteFamily> {
  const agent = await placeAgent(name, 'client.mjs')
  const child = fork(agent, [packageName], { cwd: dirname(agent), stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
  const complaints: string[] = []
  child.stderr?.setEncoding('utf8').on('data', (text: string) => complaints.push(text))
  await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => Promise.reject(new Error(`${name} does not start:\n${complaints.join('')}`))),
  ])
  return remote(child, complaints)
}

function remote(child: ChildProcess, complaints: readonly string[]): RemoteFamily {
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>()
  let ids = 0
  child.on('message', ({ id, value, error }: Answer) => {
    const call = waiting.get(id)
    waiting.delete(id)
    if (error === undefined) call?.resolve(value)
    else call?.reject(new Error(error))
  })
  child.on('exit', () => {
    for (const { reject } of waiting.values()) reject(new Error(`The clients' process ended:\n${complaints.join('')}`))
  })
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const exit = once(child, 'exit')
    child.kill('SIGKILL')
    await exit
  }
  const call = (name: string, args: readonly unknown[]): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const id = ++ids
      waiting.set(id, { resolve, reject })
      child.send({ id, call: name, args }, (error) => {
        if (error !== null) reject(error)
      })
    })
  return new Proxy({} as RemoteFamily, {
    get: (_target, name) => {
      if (name === 'stop') return stop
      // Not a promise itself, or `await` would take it for one.
      if (typeof name === 'symbol' || name === 'then') return undefined
      return (...args: readonly unknown[]) => call(name, args)
    },
  })
}
