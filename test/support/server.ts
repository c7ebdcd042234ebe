/** The built server as a process of its own: to be killed at any moment and started again on what it left. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { launchServer, type ServerProcess } from '../../trust/server-process.ts'

export type { ServerProcess } from '../../trust/server-process.ts'

/** Starts a server that dies, and whose folder goes, when the test ends. `args` are added to its command line. */
export async function runServerProcess(...args: readonly string[]): Promise<ServerProcess> {
  const data = await mkdtemp(join(tmpdir(), 'weft-server-'))
  const server = await launchServer({ data, args })
  onTestFinished(async () => {
    await server.kill()
    await rm(data, { recursive: true, force: true })
  })
  return server
}
