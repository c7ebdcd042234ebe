/** What a provider's events say about the connection, as one value. */
import type { WebsocketProvider } from 'y-websocket'
import type { ConnectionState } from './types.ts'

/** y-websocket's default, given to the provider too because the count-down has to agree with it. */
export const MAX_BACKOFF_MS = 2_500

/** What `disconnect` stops with: the code of a normal closure. */
export const DISCONNECTED: ConnectionState = { name: 'stopped', code: 1000, reason: 'disconnected' }

/** Whether the server meant that trying again is no use. */
export function isFinal(closeCode: number): boolean {
  return closeCode >= 4400 && closeCode < 4500
}

/**
 * Calls `onChange` with each new state, before anybody who listens to the provider later hears of its cause.
 * To be called before the provider first connects.
 */
export function followConnection(provider: WebsocketProvider, onChange: (state: ConnectionState) => void): void {
  provider.on('status', ({ status }) => {
    if (status === 'connecting') onChange({ name: 'connecting' })
    if (status === 'connected') onChange({ name: 'live' })
  })
  provider.on('connection-close', (event) => {
    if (!provider.shouldConnect) onChange(DISCONNECTED)
    else if (event !== null && isFinal(event.code))
      onChange({ name: 'stopped', code: event.code, reason: event.reason })
    else onChange(waiting(provider))
  })
}

/** The provider counts the attempt and sets its timer right after the event. */
function waiting(provider: WebsocketProvider): ConnectionState {
  const attempt = provider.wsUnsuccessfulReconnects + 1
  const delayMs = Math.min(2 ** attempt * 100, provider.maxBackoffTime)
  return { name: 'waiting', retryAtMs: Date.now() + delayMs, attempt }
}
