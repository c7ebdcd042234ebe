/** The built server as a process of its own: to be killed at any moment and started again on what it left. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

const MAIN = fileURLToPath(new URL('../../server/main.js', import.meta.url))

export interface ServerProcess {
  /** `http://127.0.0.1:port`, the same after every start. */
  readonly url: string
  /** `ws://127.0.0.1:port/ws`: the `serverUrl` of a stock provider. */
  readonly wsUrl: string
  /** The folder with the documents. */
  readonly data: string
  readonly pid: number
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>
  /** On the folder and port it had before. */
  start(): Promise<void>
}

/** Starts a server that dies, and whose folder goes, when the test ends. `args` are added to its command line. */
export async function runServerProcess(...args: readonly string[]): Promise<ServerProcess> {
  const data = await mkdtemp(join(tmpdir(), 'weft-server-'))
  let running = await launch(data, '0', args)
  onTestFinished(async () => {
    await end(running.child, 'SIGKILL')
    await rm(data, { recursive: true, force: true })
  })
  const { url } = running
  return {
    url,
    wsUrl: `${url.replace('http', 'ws')}/ws`,
    data,
    get pid() {
      return pidOf(running.child)
    },
    kill: async () => void (await end(running.child, 'SIGKILL')),
    stop: () => end(running.child, 'SIGTERM'),
    start: async () => {
      running = await launch(data, new URL(url).port, args)
    },
  }
}

interface Launched {
  readonly child: ChildProcess
  readonly url: string
}

/** Resolves when the server has said where it listens. */
async function launch(data: string, port: string, args: readonly string[]): Promise<Launched> {
  const child = spawn(
    process.execPath,
    [MAIN, 'serve', '--port', port, '--host', '127.0.0.1', '--data', data, '--log-level', 'warn', ...args],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  const complaints: string[] = []
  child.stderr.setEncoding('utf8').on('data', (text: string) => complaints.push(text))
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /http:\/\/\S+/.exec(line)?.[0]
    if (url === undefined) continue
    // Whatever else it writes must not fill the pipe.
    child.stdout.resume()
    return { child, url }
  }
  throw new Error(`The server ended before it was ready:\n${complaints.join('')}`)
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) {
    const exit = once(child, 'exit')
    child.kill(signal)
    await exit
  }
  return child.exitCode
}

function pidOf(child: ChildProcess): number {
  if (child.pid === undefined) throw new Error('The server could not be started.')
  return child.pid
}
