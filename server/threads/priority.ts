/** How a thread for background work steps back behind the threads that people wait for. */
import { readdirSync, readlinkSync } from 'node:fs'
import { constants, setPriority } from 'node:os'
import type { Worker } from 'node:worker_threads'

/**
 * Lets every other thread of the process go first when there are fewer cores than work: work in the background
 * takes what is left over, at least a tenth. Does nothing where threads have no priority of their own.
 */
export function yieldToOtherThreads(): void {
  // `<pid>/task/<thread id>`; Node does not tell the id. Only Linux has it, and takes a thread for a process here.
  stepBack(() => Number(readlinkSync('/proc/thread-self').split('/').at(-1)))
}

/**
 * Calls `start`, which starts one thread, and lets every other thread go before that one from its first instruction on. Before a thread
 * runs code of its own Node works some 30 ms to make it ready, which on one core is a lot for a thread that nobody waits for. Of two that
 * are started at the same moment it cannot be told which is which: then, and where threads have no priority, it is only started.
 */
export function startBehindOthers(start: () => Worker): Worker {
  const before = new Set(threadsOfProcess())
  const worker = start()
  const started = threadsOfProcess().filter((thread) => !before.has(thread))
  if (started.length === 1) stepBack(() => Number(started[0]))
  return worker
}

function stepBack(threadId: () => number): void {
  try {
    setPriority(threadId(), constants.priority.PRIORITY_BELOW_NORMAL)
  } catch {
    // Not Linux, or a sandbox that forbids it: the thread works as well, only less politely.
  }
}

/** Their ids; none where they cannot be told. */
function threadsOfProcess(): readonly string[] {
  try {
    return readdirSync('/proc/self/task')
  } catch {
    return []
  }
}
