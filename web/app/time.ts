/** Times in words, in the visitor's language and time zone. */

const STEPS: readonly (readonly [unit: Intl.RelativeTimeFormatUnit, ms: number])[] = [
  ['year', 365 * 86_400_000],
  ['month', 30 * 86_400_000],
  ['week', 7 * 86_400_000],
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
]

/** “5 minutes ago”, “yesterday”; “just now” for less than a minute and for clocks that disagree. */
export function describeAge(timeMs: number, nowMs: number, locale?: string): string {
  const age = nowMs - timeMs
  const step = STEPS.find(([, ms]) => age >= ms)
  if (step === undefined) return 'just now'
  return new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }).format(-Math.floor(age / step[1]), step[0])
}

/** “14:05” or “2:05 PM”. */
export function printTime(timeMs: number, locale?: string): string {
  return new Intl.DateTimeFormat(locale, { timeStyle: 'short' }).format(timeMs)
}

/** “Today”, “Yesterday”, or the day with its weekday. */
export function printDay(timeMs: number, nowMs: number, locale?: string): string {
  const days = Math.round((startOfDay(nowMs) - startOfDay(timeMs)) / 86_400_000)
  if (days === 0) return 'Today'
  if (days === 1) return 'Yesterday'
  const isThisYear = new Date(timeMs).getFullYear() === new Date(nowMs).getFullYear()
  const options: Intl.DateTimeFormatOptions = { weekday: 'long', day: 'numeric', month: 'long' }
  return new Intl.DateTimeFormat(locale, isThisYear ? options : { ...options, year: 'numeric' }).format(timeMs)
}

function startOfDay(timeMs: number): number {
  return new Date(timeMs).setHours(0, 0, 0, 0)
}
