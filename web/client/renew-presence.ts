/**
 * Lets people see each other at once after a connection was lost.
 *
 * Awareness remembers the clock of everybody it ever saw and takes a state only with a higher one. Who comes back would
 * neither see the others nor be seen by them until each renews their state by themselves, which takes 15 s.
 */
import type { WebsocketProvider } from 'y-websocket'

/** Forgets the clocks of others with the connection, and raises the own one before the next. */
export function renewPresence(provider: WebsocketProvider): void {
  const { awareness } = provider
  provider.on('status', ({ status }) => {
    if (status === 'connecting') awareness.setLocalState(awareness.getLocalState())
    if (status !== 'disconnected') return
    for (const clientId of awareness.meta.keys()) {
      if (!awareness.states.has(clientId)) awareness.meta.delete(clientId)
    }
  })
}
