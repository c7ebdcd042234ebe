/** The built server as a process of its own: to be killed at any moment and started again on what it left. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { type Mutant, mutate } from './mutants/mutant.ts'

const MAIN = fileURLToPath(new URL('../server/main.js', import.meta.url))

export interface ServerOptions {
  /** The folder with the documents. */
  readonly data: string
  /** Added to the command line of `weft serve`. */
  readonly args?: readonly string[]
  /** A fault built into the server. */
  readonly mutant?: Mutant | null
  /** A command, with its arguments, that runs the server: `fiu-run -x`. */
  readonly under?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

export interface ServerProcess {
  /** `http://127.0.0.1:port`, the same after every start. */
  readonly url: string
  /** `ws://127.0.0.1:port/ws`: the `serverUrl` of a stock provider. */
  readonly wsUrl: string
  readonly data: string
  readonly pid: number
  /** Everything it wrote to standard error since it was last started. */
  readonly complaints: string
  /** Resolves with the exit code when the process ends; null after a signal. */
  readonly whenEnded: Promise<number | null>
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>
  /** SIGSTOP and SIGCONT: as if no time passed for it in between. */
  pause(): void
  resume(): void
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>
  /** On the folder and port it had before; resolves when it listens. */
  start(): Promise<void>
}

/** Resolves when the server listens. Rejects with what it said when it ended before. */
export async function launchServer(options: ServerOptions): Promise<ServerProcess> {
  let running = await launch(options, '0')
  const { url } = running
  return {
    url,
    wsUrl: `${url.replace('http', 'ws')}/ws`,
    data: options.data,
    get pid() {
      return pidOf(running.child)
    },
    get complaints() {
      return running.complaints.join('')
    },
    get whenEnded() {
      return end(running.child, null)
    },
    kill: async () => void (await end(running.child, 'SIGKILL')),
    pause: () => void running.child.kill('SIGSTOP'),
    resume: () => void running.child.kill('SIGCONT'),
    stop: () => end(running.child, 'SIGTERM'),
    start: async () => {
      running = await launch(options, new URL(url).port)
    },
  }
}

interface Launched {
  readonly child: ChildProcess
  readonly url: string
  readonly complaints: readonly string[]
}

async function launch(options: ServerOptions, port: string): Promise<Launched> {
  const { data, args = [], mutant = null, under = [], env = {} } = options
  const [command = process.execPath, ...rest] = [
    ...under,
    process.execPath,
    ...(mutant === null ? [] : mutate(mutant).args),
    MAIN,
    'serve',
    ...['--port', port, '--host', '127.0.0.1', '--data', data, '--log-level', 'warn'],
    ...args,
  ]
  const child = spawn(command, rest, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...(mutant === null ? {} : mutate(mutant).env), ...env },
  })
  // An interrupted run leaves no server behind.
  const kill = (): boolean => child.kill('SIGKILL')
  process.once('exit', kill)
  child.once('exit', () => process.off('exit', kill))
  const complaints: string[] = []
  child.stderr.setEncoding('utf8').on('data', (text: string) => complaints.push(text))
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /http:\/\/\S+/.exec(line)?.[0]
    if (url === undefined) continue
    // Whatever else it writes must not fill the pipe.
    child.stdout.resume()
    return { child, url, complaints }
  }
  throw new Error(`The server ended before it was ready:\n${complaints.join('')}`)
}

async function end(child: ChildProcess, signal: NodeJS.Signals | null): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) {
    const exit = once(child, 'exit')
    if (signal !== null) child.kill(signal)
    await exit
  }
  return child.exitCode
}

function pidOf(child: ChildProcess): number {
  if (child.pid === undefined) throw new Error('The server could not be started.')
  return child.pid
}
