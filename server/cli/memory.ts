/** Gives memory that nothing needs any more back to the machine, in a process that does nothing else. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Worker } from 'node:worker_threads'
import type { Relief } from '../parts.ts'
import { startBehindOthers } from '../threads/priority.ts'

/** Long enough for V8 to see that nothing is allocated: only then does it shrink what it keeps for young objects. */
const AGAIN_AFTER_MS = 1_000

/**
 * What to do with free memory. What threads have freed stays with the C library, which keeps it for later; asked to, it returns
 * every free page, of 290 MB resident after large documents 140. Whoever allocates waits for a part of that, so it is asked only
 * when compute threads have ended, or nobody is there.
 */
export function memoryRelief(): Required<Relief> {
  const library = new FreedMemory()
  return {
    rested: () => library.giveBack(),
    emptied: () => {
      collect()
      setTimeout(() => {
        collect()
        library.giveBack()
      }, AGAIN_AFTER_MS).unref()
    },
  }
}

/** What the C library keeps of what was freed. */
class FreedMemory {
  #isAsked = false
  #isKept = false

  /**
   * In a thread of its own that everybody else goes before, since the work grows with what there is to return; one at a time. Does
   * nothing once it has turned out to be impossible here.
   */
  giveBack(): void {
    if (this.#isAsked || this.#isKept) return
    this.#isAsked = true
    const entry = new URL('./trim-thread.js', import.meta.url)
    const thread = startBehindOthers(() => new Worker(entry, { execArgv: [] }))
    thread.unref()
    // Told by its exit as well.
    thread.on('error', () => undefined)
    thread.on('exit', (code) => {
      this.#isAsked = false
      this.#isKept = code !== 0
    })
  }
}

/**
 * Collects all garbage, which stops the thread for some ten milliseconds: for when nobody waits. V8 does so by itself only while
 * something allocates, so a server that everybody has left would keep what they needed until somebody comes.
 */
function collect(): void {
  // The only way to the collector without a flag on the command line, which whoever embeds the server would have to know of.
  setFlagsFromString('--expose-gc')
  setFlagsFromString('--compact-on-every-full-gc')
  const collector: unknown = runInNewContext('gc')
  if (typeof collector === 'function') collector()
  setFlagsFromString('--no-compact-on-every-full-gc')
}
