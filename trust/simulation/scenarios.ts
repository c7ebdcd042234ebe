/** The scenarios by name. */
import type { VirtualClock } from './clock.ts'
import type { Orders, Outcome } from './orders.ts'
import { troubledDay } from './trouble.ts'
import { comingAndGoing } from './visits.ts'

export const scenarios: Readonly<Record<Orders['scenario'], (clock: VirtualClock, seed: number) => Promise<Outcome>>> =
  { trouble: troubledDay, visits: comingAndGoing }
