/** Every hostile case there is. */
import type { HostileCase } from './case.ts'
import { awarenessCases } from './cases/awareness.ts'
import { costlyUpdates } from './cases/costly-updates.ts'
import { frames } from './cases/frames.ts'
import { impossibleUpdates } from './cases/impossible-updates.ts'
import { messages } from './cases/messages.ts'
import { dawdlers, requests } from './cases/requests.ts'

export { dawdlers }

export const corpus: readonly HostileCase[] = [
  ...impossibleUpdates,
  ...costlyUpdates,
  ...messages,
  ...awarenessCases,
  ...frames,
  ...requests,
]
