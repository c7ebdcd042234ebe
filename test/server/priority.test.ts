/** Threads in the background, where they may not be told to let others go first. */
import type * as os from 'node:os'
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { expect, test, vi } from 'vitest'
import { startBehindOthers, yieldToOtherThreads } from '../../server/threads/priority.ts'

const refuse = vi.hoisted(() =>
  vi.fn<() => void>(() => {
    throw new Error('EPERM: operation not permitted')
  }),
)

vi.mock('node:os', async (original) => ({ ...(await original<typeof os>()), setPriority: refuse }))

test('[SU4] a thread is started and works where nobody may change its priority', async () => {
  const worker = startBehindOthers(() => new Worker('', { eval: true }))
  expect(await once(worker, 'exit')).toEqual([0])
  yieldToOtherThreads()
  expect(refuse).toHaveBeenCalledTimes(2)
})
