/** The history of a document, arranged for reading: newest first, by day. */
import type { TimelineEntry } from '../../shared/rest.ts'
import { printDay } from './time.ts'

export interface Day {
  readonly label: string
  readonly entries: readonly TimelineEntry[]
}

/** `entries` by the day they ended on, the newest day and the newest entry first. */
export function daysOf(entries: readonly TimelineEntry[], nowMs: number): readonly Day[] {
  const days = new Map<string, TimelineEntry[]>()
  for (const entry of entries.toSorted((a, b) => b.toSeq - a.toSeq)) {
    const label = printDay(entry.toMs, nowMs)
    const day = days.get(label)
    if (day === undefined) days.set(label, [entry])
    else day.push(entry)
  }
  return [...days].map(([label, ofDay]) => ({ label, entries: ofDay }))
}

/** “10:42 – 10:58”, or one time for a stretch within a minute. */
export function printSpan({ fromMs, toMs }: TimelineEntry, locale?: string): string {
  return new Intl.DateTimeFormat(locale, { timeStyle: 'short' }).formatRange(fromMs, toMs)
}

/** “1 change”, “12 changes”. */
export function countChanges({ updates }: TimelineEntry): string {
  return updates === 1 ? '1 change' : `${updates} changes`
}
