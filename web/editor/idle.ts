/** Tells the others when nobody touches this tab, through one field of the awareness state. */
import type { Awareness } from 'y-protocols/awareness'
import { IDLE_FIELD } from './presence.ts'

/** Two minutes: reading a screenful is not being away. */
const IDLE_AFTER_MS = 120_000

/** Keeps the awareness field up to date; returns what stops it. */
export function shareIdleness(awareness: Awareness): () => void {
  const listening = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined
  let isIdle = false

  const set = (value: boolean): void => {
    if (value === isIdle) return
    isIdle = value
    awareness.setLocalStateField(IDLE_FIELD, value)
  }
  const touch = (): void => {
    clearTimeout(timer)
    timer = setTimeout(() => set(true), IDLE_AFTER_MS)
    set(false)
  }
  const options = { signal: listening.signal, capture: true, passive: true }
  for (const type of ['keydown', 'pointerdown', 'pointermove', 'wheel', 'focus'])
    window.addEventListener(type, touch, options)
  document.addEventListener('visibilitychange', () => (document.hidden ? set(true) : touch()), options)
  touch()
  return () => {
    clearTimeout(timer)
    listening.abort()
  }
}
