/** Servers of other systems, each in a process of its own, for tests that take over what they stored. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { dirname } from 'node:path'
import { placeAgent } from './matrix.ts'

export interface ForeignServer {
  /** `http://127.0.0.1:port` */
  readonly url: string
  /** Resolves when the process has ended. */
  stop(): Promise<void>
}

/** Starts a server that stores what clients write below `folder`, installing it first where needed. */
export async function startForeignServer(name: 'hocuspocus' | 'y-websocket', folder: string): Promise<ForeignServer> {
  const agent = await placeAgent('servers', 'servers.mjs')
  const child = fork(agent, [name, folder], { cwd: dirname(agent), stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
  const complaints: string[] = []
  child.stderr?.setEncoding('utf8').on('data', (text: string) => complaints.push(text))
  const exit = once(child, 'exit')
  const [url] = (await Promise.race([
    once(child, 'message'),
    exit.then(() => Promise.reject(new Error(`${name} does not start:\n${complaints.join('')}`))),
  ])) as [string]
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM')
    await exit
  }
  return { url, stop }
}
