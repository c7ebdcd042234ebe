/** A whole server in this process, on a free port and a temporary folder. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { type Hooks, type RunningServer, startServer } from '../../server/app.ts'
import { defaultOptions, type Options } from '../../server/config.ts'
import { quietLog, type QuietLog } from './quiet-log.ts'

export interface ServerUnderTest extends RunningServer {
  /** `ws://127.0.0.1:port/ws` */
  readonly wsUrl: string
  readonly data: string
  readonly log: QuietLog
}

/** Starts a server that stops, and whose folder goes, when the test ends. */
export async function runServer(overrides: Partial<Options> = {}, hooks: Hooks = {}): Promise<ServerUnderTest> {
  const data = await mkdtemp(join(tmpdir(), 'weft-server-'))
  const log = quietLog()
  const server = await startServer({ ...defaultOptions, port: 0, data, ...overrides }, log, hooks)
  let closing: Promise<void> | null = null
  const close = (): Promise<void> => (closing ??= server.close())
  onTestFinished(async () => {
    await close()
    await rm(data, { recursive: true, force: true })
  })
  return { ...server, wsUrl: `${server.url.replace('http', 'ws')}/ws`, data, log, close }
}
