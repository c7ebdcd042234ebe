/** Two ways to load a server: at a fixed rate, as people do, or as fast as it takes it. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Room } from './room.ts'

/** Everybody types `perSecond` letters a second, evenly spread. Resolves when the last one was sent. */
export async function typeAtRate(
  rooms: readonly Room[],
  { perSecond, seconds }: { readonly perSecond: number; readonly seconds: number },
): Promise<void> {
  const typists = rooms.flatMap((room) => room.typists)
  const total = Math.round(typists.length * perSecond * seconds)
  const startMs = performance.now()
  for (let sent = 0; sent < total;) {
    const elapsed = (performance.now() - startMs) / 1000
    const due = Math.min(total, Math.floor(elapsed * typists.length * perSecond))
    for (; sent < due; sent++) typists[sent % typists.length]?.send(1)
    await sleep(1)
  }
}

/**
 * Everybody types as fast as the server passes it on: each has at most `window` updates under way, and sends the next
 * half when half has reached somebody else. Resolves after `seconds`, or when there is nothing left to send.
 */
export async function typeFlatOut(
  rooms: readonly Room[],
  { window, seconds }: { readonly window: number; readonly seconds: number },
): Promise<void> {
  const typists = rooms.flatMap((room) => room.typists)
  const half = window >> 1
  const endMs = performance.now() + seconds * 1000
  for (const typist of typists) {
    typist.onConfirmed = () => {
      if (typist.sent - typist.confirmed <= half && performance.now() < endMs) typist.send(half)
    }
    typist.send(window)
  }
  while (performance.now() < endMs && !typists.every((typist) => typist.isDone)) await sleep(10)
  for (const typist of typists) typist.onConfirmed = () => {}
}

/** Resolves when everything sent has reached everybody; false when no more arrived for `patienceMs`. */
export async function allDelivered(rooms: readonly Room[], patienceMs = 30_000): Promise<boolean> {
  const due = sum(rooms.map((room) => room.due))
  let before = -1
  for (let lastMs = performance.now(); ;) {
    const delivered = sum(rooms.map((room) => room.delivered))
    if (delivered >= due) return true
    if (delivered > before) lastMs = performance.now()
    if (performance.now() - lastMs > patienceMs) return false
    before = delivered
    await sleep(2)
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
