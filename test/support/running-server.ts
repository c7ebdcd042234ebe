/** A whole server in this process, on a free port and a temporary folder. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { startServer } from '../../server/app.ts'
import { defaultOptions, type Options } from '../../server/config.ts'
import { quietLog, type QuietLog } from './quiet-log.ts'

export interface ServerUnderTest {
  /** `http://127.0.0.1:port` */
  readonly url: string
  /** `ws://127.0.0.1:port/ws` */
  readonly wsUrl: string
  readonly data: string
  readonly log: QuietLog
  close(): Promise<void>
}

/** Starts a server that stops, and whose folder goes, when the test ends. */
export async function runServer(overrides: Partial<Options> = {}): Promise<ServerUnderTest> {
  const data = await mkdtemp(join(tmpdir(), 'weft-server-'))
  const log = quietLog()
  const server = await startServer({ ...defaultOptions, port: 0, data, ...overrides }, log)
  let closing: Promise<void> | null = null
  const close = (): Promise<void> => (closing ??= server.close())
  onTestFinished(async () => {
    await close()
    await rm(data, { recursive: true, force: true })
  })
  return { url: server.url, wsUrl: `${server.url.replace('http', 'ws')}/ws`, data, log, close }
}
