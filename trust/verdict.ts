/** Measuring a row and its control, and saying what came of it in one line. */
import { Lab, type LabOptions } from './lab.ts'
import { CannotRun, format, type Measures, type Peer, type Row, type Subject } from './row.ts'

export type Outcome = 'PASS' | 'FAIL' | 'NOT RUN'

export interface Verdict {
  readonly row: number
  readonly promise: string
  readonly outcome: Outcome
  /** Null when the row could not be run. */
  readonly measures: Measures | null
  /** The limits by measure, as text. */
  readonly limits: Readonly<Record<string, string>>
  readonly control: { readonly what: string; readonly measures: Measures | null; readonly wasCaught: boolean }
  /** Why it could not be run, or what was thrown; null when it ran to its end. */
  readonly reason: string | null
  readonly seconds: number
}

/** Measures `row` on Weft and on its control. Never rejects: what goes wrong is a row that failed. */
export async function judge(row: Row, options: LabOptions): Promise<Verdict> {
  const startedMs = performance.now()
  let measures: Measures | null = null
  let control: Measures | null = null
  let outcome: Outcome = 'FAIL'
  let reason: string | null = null
  try {
    measures = await measureOn(row, 'weft', options)
    control = await measureOn(row, 'control', options)
    outcome = holds(row, measures, options) && !holds(row, control, options) ? 'PASS' : 'FAIL'
  } catch (thrown) {
    if (thrown instanceof CannotRun) outcome = 'NOT RUN'
    reason = reasonOf(thrown)
  }
  return {
    row: row.number,
    promise: row.promise,
    outcome,
    measures,
    limits: Object.fromEntries(Object.entries(row.limits).map(([name, limit]) => [name, limit.text(options.isShort)])),
    control: { what: row.control, measures: control, wasCaught: control !== null && !holds(row, control, options) },
    reason,
    seconds: (performance.now() - startedMs) / 1000,
  }
}

/** With what it was caused by: "fetch failed" alone tells nothing. */
function reasonOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown)
  return thrown.cause === undefined ? thrown.message : `${thrown.message}: ${reasonOf(thrown.cause)}`
}

/** What `row` measures on one subject; everything it started has ended. */
export async function measureOn(row: Row, subject: Subject, options: LabOptions): Promise<Measures> {
  const lab = new Lab(options)
  try {
    return await row.measure(lab, subject)
  } finally {
    await lab.end()
  }
}

/** The verdict in one line. */
export function lineOf(verdict: Verdict): string {
  const { row, promise, outcome, measures, limits, control, reason, seconds } = verdict
  const parts = [`${outcome.padEnd(7)} ${String(row).padStart(2)}  ${promise}`]
  if (measures !== null) parts.push(describe(measures, limits))
  if (control.measures !== null) {
    const caught = control.wasCaught ? 'caught' : 'NOT CAUGHT'
    parts.push(`control (${control.what}): ${describe(control.measures, limits, true)}, ${caught}`)
  }
  if (reason !== null) parts.push(reason)
  return `${parts.join(' | ')} | ${seconds.toFixed(0)} s`
}

/** A peer's measures in one line. */
export function peerLineOf(row: Row, peer: Peer, measures: Measures): string {
  return `        ${String(row.number).padStart(2)}  ${peer}: ${describe(measures, {})}`
}

/** What was not measured holds no limit. */
function holds({ limits }: Row, measures: Measures, { isShort }: LabOptions): boolean {
  return Object.entries(limits).every(([name, limit]) => limit.holds(measures[name] ?? Number.NaN, isShort))
}

function describe(measures: Measures, limits: Readonly<Record<string, string>>, onlyLimited = false): string {
  return Object.entries(measures)
    .filter(([name]) => !onlyLimited || name in limits)
    .map(([name, value]) => `${name} ${format(value)}${name in limits ? ` (${limits[name]})` : ''}`)
    .join(', ')
}
