/** What a provider's events say about the connection, as one value. */
import type { WebsocketProvider } from 'y-websocket'
import { CloseCode } from '../../shared/close-codes.ts'
import type { ConnectionState } from './types.ts'

/** y-websocket's default. */
export const MAX_BACKOFF_MS = 2_500

/** Who was sent away on purpose, or has no token, doubles the wait up to this: asking more often would not help. */
const SENT_AWAY_BACKOFF_MS = 30_000

/** What `disconnect` stops with: the code of a normal closure. */
export const DISCONNECTED: ConnectionState = { name: 'stopped', code: 1000, reason: 'disconnected' }

/** Whether the server sent a client away on purpose, to come back another time. */
function isSentAway(closeCode: number): boolean {
  if (closeCode === CloseCode.tooSlow) return false
  return closeCode === CloseCode.overloaded || (closeCode >= 4500 && closeCode < 4600)
}

/** Whether the server meant that trying again is no use. */
export function isFinal(closeCode: number): boolean {
  return closeCode >= 4400 && closeCode < 4500
}

/** What a closed connection means besides its event. */
export interface FollowOptions {
  readonly onChange: (state: ConnectionState) => void
  /** There was no connection at all, because there was no token. */
  readonly lacksToken: () => boolean
}

/**
 * Calls `onChange` with each new state, before anybody who listens to the provider later hears of its cause.
 * To be called before the provider first connects.
 */
export function followConnection(provider: WebsocketProvider, { onChange, lacksToken }: FollowOptions): void {
  provider.on('status', ({ status }) => {
    if (status === 'connecting') onChange({ name: 'connecting' })
    if (status === 'connected') onChange({ name: 'live' })
  })
  provider.on('connection-close', (event) => {
    if (!provider.shouldConnect) return onChange(DISCONNECTED)
    if (event !== null && isFinal(event.code)) {
      return onChange({ name: 'stopped', code: event.code, reason: event.reason })
    }
    const cause = {
      code: event?.code ?? null,
      reason: lacksToken() ? 'no-token' : (event?.reason ?? ''),
    }
    const isPatient = lacksToken() || (event !== null && isSentAway(event.code))
    // The provider counts the attempt and sets its timer right after the event, by what it finds here.
    provider.maxBackoffTime = isPatient ? SENT_AWAY_BACKOFF_MS : MAX_BACKOFF_MS
    const attempt = provider.wsUnsuccessfulReconnects + 1
    const delayMs = Math.min(2 ** attempt * 100, provider.maxBackoffTime)
    onChange({ name: 'waiting', retryAtMs: Date.now() + delayMs, attempt, ...cause })
  })
}
