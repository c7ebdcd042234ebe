/**
 * Entry of a thread that has the C library return what was freed to the machine, and ends: with 1 where the library is another one
 * or the optional package that calls it is not installed. The work grows with what there is to return, so everybody else goes first.
 */
import { yieldToOtherThreads } from '../threads/priority.ts'

yieldToOtherThreads()
try {
  const { default: koffi } = await import('koffi')
  koffi.load(null).func('int malloc_trim(size_t pad)')(0)
} catch {
  process.exit(1)
}
