/** How V8's own threads are kept from holding up those that people wait for: they step back, or are given less to do. */
import { readdirSync } from 'node:fs'
import { availableParallelism, constants, setPriority } from 'node:os'
import { setFlagsFromString } from 'node:v8'

/** Node's default of `--v8-pool-size`. */
const POOL_SIZE = 4

/** A process' first thread is its main one; then Node starts one that keeps time for the helpers, and the helpers themselves. */
const FIRST_HELPER = 2

/**
 * Lets every other thread go before those in which V8 compiles and collects garbage for all of them: where there are fewer cores than
 * work, four helpers that are as important as the main thread take most of a core just when a large document is read.
 * To be called before the process starts threads of its own. Does nothing where threads have no priority of their own.
 */
export function letHelpersStepBack(): void {
  try {
    // Threads are numbered as they are started; Node tells neither their numbers nor what they are for.
    const threads = readdirSync('/proc/self/task')
      .map(Number)
      .toSorted((a, b) => a - b)
    for (const thread of threads.slice(FIRST_HELPER, FIRST_HELPER + poolSize()))
      setPriority(thread, constants.priority.PRIORITY_BELOW_NORMAL)
  } catch {
    // Not Linux, or a sandbox that forbids it: everything works as well, only less politely.
  }
}

/**
 * What helpers do for a thread that stops until they have done it. Not among them is `parallel-marking`, which V8 cannot do without
 * once it has started.
 */
const AWAITED_WORK = [
  'parallel-scavenge',
  'parallel-compaction',
  'parallel-pointer-update',
  'concurrent-marking',
  'concurrent-sweeping',
  'concurrent-array-buffer-sweeping',
]

/**
 * Where the process has one core only, lets every thread collect all of its garbage itself. A helper saves no time there, and one that steps
 * back keeps the main thread waiting behind all others, who went before it: thirty milliseconds were seen, for one of work.
 * To be called before there is much to collect.
 */
export function collectWithoutHelpers(): void {
  if (availableParallelism() > 1) return
  for (const work of AWAITED_WORK) setFlagsFromString(`--no-${work}`)
}

/** How many helpers this process was told to have. */
function poolSize(): number {
  const flags = [process.env['NODE_OPTIONS'] ?? '', ...process.execArgv].join(' ')
  const told = Number(/.*--v8[-_]pool[-_]size[= ](\d+)/.exec(flags)?.[1] ?? POOL_SIZE)
  // Then V8 chooses, and how many is not known.
  return told === 0 ? 1 : told
}
