/** People who come, type and go, in rooms that are given up for new ones. */
import { setTimeout as sleep } from 'node:timers/promises'
import { seededRandom } from '../load/random.ts'
import { type Address, Visitor } from './visitor.ts'

export interface Crowd {
  /** How many documents there are at a time. */
  readonly rooms: number
  /** How many people are there at a time, each in a room of its own choice. */
  readonly visitors: number
  /** Letters a second, each. */
  readonly perSecond: number
  /** How often somebody leaves and somebody else comes. */
  readonly churnMs: number
  /** Documents are given up for new ones this often, so that rooms are opened and unloaded all the time. */
  readonly generationMs: number
}

/** What a server is to bear for hours. */
export const everydayCrowd: Crowd = { rooms: 200, visitors: 400, perSecond: 2, churnMs: 50, generationMs: 60_000 }

/** Keeps the crowd coming and going; calls `look` about every second, with the minutes since the beginning. */
export async function churn(
  address: Address,
  { rooms, visitors: count, perSecond, churnMs, generationMs }: Crowd,
  { seconds, look }: { readonly seconds: number; readonly look: (minute: number) => Promise<void> },
): Promise<void> {
  const random = seededRandom(7)
  const startMs = performance.now()
  const visitors: Visitor[] = []
  const documentNow = (): string => {
    const generation = Math.floor((performance.now() - startMs) / generationMs)
    return `soak-${generation}-${Math.floor(random() * rooms)}`
  }
  for (let at = 0; at < count; at++) visitors.push(await Visitor.join(address, documentNow(), perSecond))
  for (let nextLookMs = startMs; performance.now() < startMs + seconds * 1_000;) {
    const leaving = Math.floor(random() * visitors.length)
    const visitor = await Visitor.join(address, documentNow(), perSecond)
    await visitors.splice(leaving, 1, visitor)[0]?.leave()
    if (performance.now() >= nextLookMs) {
      nextLookMs += 1_000
      await look((performance.now() - startMs) / 60_000)
    }
    await sleep(churnMs)
  }
  await Promise.all(visitors.map((visitor) => visitor.leave()))
}
