/**
 * Faults that are built into a server, so that a row's control has something to find.
 *
 * A mutant is a piece of a compiled module replaced while it is loaded. When the piece is no longer there the server
 * does not start: a control that has lost its fault must not pass for a sound server.
 */

export interface Mutant {
  /** End of the module's address: `store/journal.js`. */
  readonly module: string
  /** Code as compiled; it must occur exactly once. */
  readonly find: string
  readonly replace: string
}

/** Where a process is told its mutant. */
export const MUTANT_VARIABLE = 'WEFT_TRUST_MUTANT'

const PRELOAD = new URL('./preload.js', import.meta.url).href

/** What Node has to be started with. */
export function mutate(mutant: Mutant): { readonly args: readonly string[]; readonly env: Record<string, string> } {
  return { args: ['--import', PRELOAD], env: { [MUTANT_VARIABLE]: JSON.stringify(mutant) } }
}
