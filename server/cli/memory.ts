/** Gives the memory of documents that were unloaded back to the machine, in a process that does nothing else. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Long enough for V8 to see that nothing is allocated: only then does it shrink what it keeps for young objects. */
const AGAIN_AFTER_MS = 1_000

/**
 * Collects all garbage twice, which stops the thread for some ten milliseconds each: for when nobody waits. V8 does so by itself
 * only while something allocates, so a server that everybody has left would keep what they needed until somebody comes.
 */
export function giveMemoryBack(): void {
  collect()
  setTimeout(collect, AGAIN_AFTER_MS).unref()
}

function collect(): void {
  // The only way to the collector without a flag on the command line, which whoever embeds the server would have to know of.
  setFlagsFromString('--expose-gc')
  setFlagsFromString('--compact-on-every-full-gc')
  const collector: unknown = runInNewContext('gc')
  if (typeof collector === 'function') collector()
  setFlagsFromString('--no-compact-on-every-full-gc')
}
