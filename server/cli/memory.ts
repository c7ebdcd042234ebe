/** Gives memory that nothing needs any more back to the machine, in a process that does nothing else. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Relief } from '../parts.ts'

/** Long enough for V8 to see that nothing is allocated: only then does it shrink what it keeps for young objects. */
const AGAIN_AFTER_MS = 1_000

/** `malloc_trim` of the GNU C library, called from a thread of the pool that Node does its own work in. */
type Trim = (() => void) | null

/**
 * What to do with free memory. What threads have freed stays with the C library, which keeps it for later; asked to, it returns
 * every free page. Measured after large documents: 140 of 290 MB resident, gone in 30 ms, for a part of which whoever
 * allocates waits. So it is asked only when compute threads have ended, or nobody is there.
 */
export function memoryRelief(): Required<Relief> {
  let loading: Promise<Trim> | null = null
  const trim = async (): Promise<void> => (await (loading ??= loadTrim()))?.()
  return {
    rested: () => void trim(),
    emptied: () => {
      collect()
      setTimeout(() => {
        collect()
        void trim()
      }, AGAIN_AFTER_MS).unref()
    },
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

/** Null where the C library is another one, and where the optional package that calls it is not installed. */
async function loadTrim(): Promise<Trim> {
  try {
    const { default: koffi } = await import('koffi')
    const call = koffi.load(null).func('int malloc_trim(size_t pad)')
    return () => call.async(0, () => undefined)
  } catch {
    return null
  }
}
