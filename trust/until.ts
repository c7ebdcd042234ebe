/** Waiting for something to become true. */
import { setTimeout as sleep } from 'node:timers/promises'

/** Resolves with how many milliseconds it took until `claim` held; rejects after `timeoutMs`. */
export async function until(claim: () => boolean | Promise<boolean>, timeoutMs = 30_000): Promise<number> {
  const startedMs = performance.now()
  while (!(await claim())) {
    if (performance.now() - startedMs > timeoutMs) throw new Error(`It never came true: ${String(claim)}`)
    await sleep(5)
  }
  return performance.now() - startedMs
}
