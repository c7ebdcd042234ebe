/** One run of a server in a process of its own, pinned to one core. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, readdirSync, statSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { CpuClock, residentBytes, type Writes, writesOf } from './proc.ts'
import type { Target } from './targets.ts'

/** The other core belongs to the load generator; see bench/start.mjs. */
const SERVER_CORE = '0'
const START_TIMEOUT_MS = 20_000
const STOP_TIMEOUT_MS = 60_000
const POLL_MS = 20

export interface ServerOptions {
  readonly folder: string
  /** Arguments for Node, before the script: profiles and preloads. */
  readonly nodeArgs: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

export class Server {
  readonly target: Target
  readonly port: number
  readonly folder: string
  readonly pid: number
  readonly #child: ChildProcess
  readonly #cpu: CpuClock
  #messages = ''

  private constructor(target: Target, child: ChildProcess, { port, folder }: { port: number; folder: string }) {
    this.target = target
    this.port = port
    this.folder = folder
    this.pid = child.pid ?? 0
    this.#child = child
    this.#cpu = new CpuClock(this.pid)
    const keep = (chunk: Buffer): void => {
      // The end of it, for the report of a server that died.
      this.#messages = (this.#messages + chunk.toString()).slice(-4096)
    }
    child.stdout?.on('data', keep)
    child.stderr?.on('data', keep)
    // An interrupted bench leaves no server behind.
    const kill = (): boolean => child.kill('SIGKILL')
    process.once('exit', kill)
    child.once('exit', () => process.off('exit', kill))
  }

  /** Resolves when the server takes connections. */
  static async start(target: Target, { folder, nodeArgs, env = {} }: ServerOptions): Promise<Server> {
    const port = await freePort()
    mkdirSync(folder, { recursive: true })
    const { args, env: needed = {} } = target.command({ port, folder })
    const variables = Object.entries({ ...env, ...needed }).map(([name, value]) => `${name}=${value}`)
    // `taskset` and `env` become the command they start, so the child's pid is the server's.
    const child = spawn('taskset', ['-c', SERVER_CORE, 'env', ...variables, process.execPath, ...nodeArgs, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      cwd: folder,
    })
    const server = new Server(target, child, { port, folder })
    const startedMs = performance.now()
    while (!(await takesConnections(port))) {
      if (child.exitCode !== null || performance.now() - startedMs > START_TIMEOUT_MS) {
        child.kill('SIGKILL')
        throw new Error(`${target.title} did not start:\n${server.#messages}`)
      }
      await sleep(POLL_MS)
    }
    await server.whenQuiet()
    return server
  }

  cpuSeconds(): number {
    return this.#cpu.seconds()
  }

  residentBytes(): number {
    return residentBytes(this.pid)
  }

  writes(): Writes {
    return writesOf(this.pid)
  }

  /** Bytes of all files in its folder. */
  diskBytes(): number {
    return readdirSync(this.folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .reduce((sum, entry) => sum + fileSize(join(entry.parentPath, entry.name)), 0)
  }

  /** Resolves when the server has used next to no CPU for a while, or after `timeoutMs`. */
  async whenQuiet(timeoutMs = 10_000): Promise<void> {
    const endMs = performance.now() + timeoutMs
    for (let before = this.cpuSeconds(); performance.now() < endMs;) {
      await sleep(250)
      const now = this.cpuSeconds()
      if (now - before < 0.01) return
      before = now
    }
  }

  /** Ends the server and waits for it. */
  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const ended = new Promise((resolve) => this.#child.once('exit', resolve))
    this.#child.kill(signal)
    const killer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_TIMEOUT_MS)
    await ended
    clearTimeout(killer)
  }
}

function fileSize(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      const port = typeof address === 'object' && address !== null ? address.port : 0
      probe.close(() => resolve(port))
    })
  })
}

function takesConnections(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port })
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
