/** Waiting for a server to have done what there was to do. */
import { setTimeout as sleep } from 'node:timers/promises'
import { CpuClock } from '../bench/targets/proc.ts'

const LOOK_MS = 100
const NEXT_TO_NO_WORK_S = 0.01

/** Resolves when none of the server's threads does much for a while, or after `patienceMs`. */
export async function settle(pid: number, patienceMs: number): Promise<void> {
  const cpu = new CpuClock(pid)
  const startedMs = performance.now()
  for (let before = cpu.seconds(); performance.now() - startedMs < patienceMs;) {
    await sleep(LOOK_MS)
    const now = cpu.seconds()
    if (now - before < NEXT_TO_NO_WORK_S) return
    before = now
  }
}
