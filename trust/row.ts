/**
 * What a row of the scorecard is: a promise, how it is measured, and what the measures may be at most or at least.
 *
 * Every row is measured twice: on Weft, where all limits must hold, and on its control, something weaker, where at least
 * one must not. A row whose control holds is blind, and fails.
 */
import type { Lab } from './lab.ts'

/** Where a row is measured. Only rows that name peers in `peers` are measured on those. */
export type Subject = 'weft' | 'control' | Peer

/** Other servers, for comparison; they are never judged. */
export type Peer = 'hocuspocus' | 'y-websocket'

/** What was measured, by name with its unit: `lost edits`, `slowest start, ms`. */
export type Measures = Readonly<Record<string, number>>

/** What a measure has to be, in the long form and in the short one. */
export interface Limit {
  /** As in `≤ 50`. */
  text(isShort: boolean): string
  holds(value: number, isShort: boolean): boolean
}

export interface Row {
  /** In the scorecard of docs/trust.md. */
  readonly number: number
  /** One sentence, without numbers. */
  readonly promise: string
  /** What is wrong in the control: `acknowledges before it writes`. */
  readonly control: string
  /** By the name of the measure. Measures without a limit only say how much was tried. */
  readonly limits: Readonly<Record<string, Limit>>
  /** Peers the row can be measured on as well. */
  readonly peers?: readonly Peer[]
  /** Measures once. Rejects with `CannotRun` when this machine has not what it takes. */
  measure(lab: Lab, subject: Subject): Promise<Measures>
}

/** Why a row cannot be measured here. Such a row has not passed. */
export class CannotRun extends Error {}

export function exactly(wanted: number): Limit {
  return { text: () => `= ${format(wanted)}`, holds: (value) => value === wanted }
}

/** `short` is the limit of the short form, where it is another one: tests share the machine, so that times mean little. */
export function atMost(limit: number, { short = limit }: { readonly short?: number } = {}): Limit {
  const limitFor = (isShort: boolean): number => (isShort ? short : limit)
  return {
    text: (isShort) => `≤ ${format(limitFor(isShort))}`,
    holds: (value, isShort) => value <= limitFor(isShort),
  }
}

/** A number as people read it. */
export function format(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: Math.abs(value) < 10 ? 2 : 0 })
}
