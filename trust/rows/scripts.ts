/** Row 7: ten people at once, with characters that are more than one index long and text that runs from right to left. */
import { setTimeout as sleep } from 'node:timers/promises'
import { areEqual, type Editor, halvesIn, ourEditor, type Place, stockEditor } from '../editors.ts'
import { below, pick } from '../fuzz/update-documents.ts'
import type { Lab } from '../lab.ts'
import { exactly, type Row } from '../row.ts'
import { until } from '../until.ts'

const LONG_SEEDS = 100
const SHORT_SEEDS = 3
const SEEDS_FOR_CONTROL = 10
const OUR_EDITORS = 6
const STOCK_EDITORS = 4
const STEPS = 200
/** What does not agree by then never will. */
const PATIENCE_MS = { weft: 20_000, control: 3_000 } as const

export const scripts: Row = {
  number: 7,
  promise: 'Emoji, joined characters and text from right to left are the same for everybody, and stay whole',
  control: 'stock clients edit between the halves of characters',
  limits: { 'documents that differ': exactly(0), 'halves of characters': exactly(0) },
  async measure(lab, subject) {
    const isBlind = subject !== 'weft'
    const seeds = isBlind ? SEEDS_FOR_CONTROL : seedsFor(lab)
    const server = await lab.server()
    const tally = { differing: 0, halves: 0, edits: 0, seeds: 0 }
    for (; tally.seeds < seeds && (!isBlind || tally.differing === 0); tally.seeds++) {
      lab.progress(`${tally.seeds} of ${seeds} documents, ${tally.differing} differ`)
      const place = { url: server.url, wsUrl: server.wsUrl, document: `scripts-${tally.seeds}` }
      const { isSame, halves, edits } = await writeTogether(lab, place, isBlind)
      if (!isSame) tally.differing++
      tally.halves += halves
      tally.edits += edits
    }
    return {
      'documents that differ': tally.differing,
      'halves of characters': tally.halves,
      documents: tally.seeds,
      people: OUR_EDITORS + STOCK_EDITORS,
      edits: tally.edits,
    }
  },
}

/** Ten people write in one document, now and then without a connection; then somebody comes who sees what the server has. */
async function writeTogether(lab: Lab, place: Place, isBlind: boolean) {
  const editors = [
    ...Array.from({ length: OUR_EDITORS }, () => ourEditor(lab, place)),
    ...Array.from({ length: STOCK_EDITORS }, () => stockEditor(lab, place, isBlind)),
  ]
  await until(() => editors.every(({ isSettled }) => isSettled))
  for (let step = 0; step < STEPS; step++) {
    const editor = pick(lab.random, editors)
    const kind = lab.random()
    if (kind < 0.05) editor.disconnect()
    else if (kind < 0.12) editor.connect()
    else if (kind < 0.2) await sleep(below(lab.random, 8))
    else editor.edit()
  }
  for (const editor of editors) editor.connect()
  await until(() => editors.every(({ isSettled }) => isSettled))
  const everybody: readonly Editor[] = [...editors, ourEditor(lab, place)]
  const patienceMs = isBlind ? PATIENCE_MS.control : PATIENCE_MS.weft
  const isSame = await until(() => everybody.every(({ isSettled }) => isSettled) && allEqual(everybody), patienceMs)
    .then(() => true)
    .catch(() => false)
  const halves = Math.max(...everybody.map(({ doc }) => halvesIn(doc)))
  for (const editor of everybody) editor.leave()
  return { isSame, halves, edits: STEPS }
}

function allEqual([first, ...others]: readonly Editor[]): boolean {
  return first !== undefined && others.every(({ doc }) => areEqual(first.doc, doc))
}

function seedsFor({ isShort, scale }: Lab): number {
  return isShort ? SHORT_SEEDS : Math.ceil(LONG_SEEDS * scale)
}
