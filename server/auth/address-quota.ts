/** Quotas in memory. A restart begins anew: they are there against floods, and a flood is not over in a moment. */
import { RateLimiterMemory } from 'rate-limiter-flexible'
import type { Quota } from '../ports/quota.ts'

export interface QuotaOptions {
  /** How many there are for one key … */
  readonly count: number
  /** … within this long, from its first one on. */
  readonly perSeconds: number
  /** What an address is counted by; null when it is not limited. */
  readonly keyOf: (address: string) => string | null
}

export function addressQuota({ count, perSeconds, keyOf }: QuotaOptions): Quota {
  const limiter = new RateLimiterMemory({ points: count, duration: perSeconds })
  return {
    async isSpent(address) {
      const key = keyOf(address)
      const state = key === null ? null : await limiter.get(key)
      return state !== null && state.consumedPoints >= count
    },
    async take(address) {
      const key = keyOf(address)
      if (key === null) return true
      // Rejects with what is left when nothing is: an answer, not a failure.
      return limiter.consume(key).then(
        () => true,
        () => false,
      )
    },
  }
}
