/** How a connection ends. */
import { once } from 'node:events'
import type { WebSocket } from 'ws'
import { PATIENCE_MS } from './eventually.ts'

/** Waits until `socket` is closed; fails when it is not. */
export async function closeOf(socket: WebSocket): Promise<{ readonly code: number; readonly reason: string }> {
  const closed = once(socket, 'close', { signal: AbortSignal.timeout(PATIENCE_MS) })
  const [code, reason] = (await closed.catch((cause: unknown) => {
    throw new Error('The connection was not closed.', { cause })
  })) as [number, Buffer]
  return { code, reason: reason.toString() }
}
