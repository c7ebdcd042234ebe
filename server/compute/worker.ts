/** Entry of a compute thread. It steps back first: loading Yjs is work enough to be felt on a busy core. */
import { yieldToOtherThreads } from './priority.ts'

yieldToOtherThreads()
await import('./work.ts')
