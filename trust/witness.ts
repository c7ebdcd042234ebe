/** Somebody who comes afterwards and sees only what the server has. */
import type { Lab } from './lab.ts'
import { lostIn } from './typists.ts'
import { until } from './until.ts'

/** A document that does not open within this long is lost as a whole. */
const PATIENCE_MS = 15_000

/** How many of the edits promised in a document a new client does not get from the server at `url`. */
export async function lostAt(
  lab: Lab,
  url: string,
  document: string,
  promised: ReadonlyMap<string, number>,
): Promise<number> {
  const witness = lab.client(url, document)
  try {
    // When it does not open, the count below is of an empty document.
    await until(() => witness.synced, PATIENCE_MS).catch(() => undefined)
    return lostIn(witness.doc, promised)
  } finally {
    witness.destroy()
  }
}
