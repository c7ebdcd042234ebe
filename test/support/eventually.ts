/**
 * Waiting for facts. A fact that holds is seen within milliseconds; how long it is waited for matters only to a test that
 * fails, and to a machine that is busy with others.
 */
import { vi } from 'vitest'

/** How long a fact is waited for: longer than a published client waits before it connects again, which is up to half a minute. */
export const PATIENCE_MS = 60_000

const INTERVAL_MS = 10

/** Calls `claim` until it does not throw, and gives what it returns; fails with what it threw last. */
export function eventually<Fact>(claim: () => Fact | Promise<Fact>, patienceMs = PATIENCE_MS): Promise<Fact> {
  return vi.waitFor(claim, { timeout: patienceMs, interval: INTERVAL_MS })
}

/** The same for a claim that may also say that it does not hold yet, by false. */
export async function until(claim: () => boolean | void, patienceMs = PATIENCE_MS): Promise<void> {
  await eventually(() => {
    if (claim() === false) throw new Error(`It never came true: ${String(claim)}`)
  }, patienceMs)
}
