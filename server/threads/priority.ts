/** How a thread for background work steps back behind the threads that people wait for. */
import { readlinkSync } from 'node:fs'
import { constants, setPriority } from 'node:os'

/**
 * Lets every other thread of the process go first when there are fewer cores than work: work in the background
 * takes what is left over, at least a tenth. Does nothing where threads have no priority of their own.
 */
export function yieldToOtherThreads(): void {
  try {
    // `<pid>/task/<thread id>`; Node does not tell the id. Only Linux has it, and takes a thread for a process here.
    const thread = Number(readlinkSync('/proc/thread-self').split('/').at(-1))
    setPriority(thread, constants.priority.PRIORITY_BELOW_NORMAL)
  } catch {
    // Not Linux, or a sandbox that forbids it: the thread works as well, only less politely.
  }
}
