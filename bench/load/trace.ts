/**
 * The keystrokes of a long paper: read from a file, or made up with the same shape and a fixed seed.
 *
 * A file is gzipped JSON as in the public editing-traces collection:
 * `{ txns: [{ patches: [[position, deleteCount, insertText], …] }] }`.
 */
import { readFile } from 'node:fs/promises'
import { gunzipSync } from 'node:zlib'
import { seededRandom } from './random.ts'

export interface Edit {
  readonly at: number
  readonly deleted: number
  readonly inserted: string
}

/** As many single edits as the paper of the collection has. */
export const PAPER_EDITS = 260_000

interface TraceFile {
  readonly startContent: string
  readonly txns: readonly { readonly patches: readonly (readonly [number, number, string])[] }[]
}

/** The edits of a trace file, at most `limit`. */
export async function readTrace(file: string, limit: number): Promise<readonly Edit[]> {
  const trace = JSON.parse(gunzipSync(await readFile(file)).toString('utf8')) as TraceFile
  const edits = trace.txns.flatMap(({ patches }) =>
    patches.map(([at, deleted, inserted]) => ({ at, deleted, inserted })),
  )
  const start = trace.startContent === '' ? [] : [{ at: 0, deleted: 0, inserted: trace.startContent }]
  return [...start, ...edits].slice(0, limit)
}

const WORDS =
  'the of and to in is that for we as are with on by this be it an from which each can not have our one has when at or document edit history server client change order time after all more than two model'.split(
    ' ',
  )

/**
 * `count` single edits: a run of typing somewhere, now and then some backspaces, then the caret jumps. Three of ten
 * delete, as in the paper, so that two fifths of what was typed are left.
 */
export function makeTrace(count: number): readonly Edit[] {
  const random = seededRandom(20_260_101)
  const below = (limit: number): number => Math.floor(random() * limit)
  const edits: Edit[] = []
  let length = 0
  let caret = 0
  while (edits.length < count) {
    const jump = random()
    if (jump < 0.15) caret = below(length + 1)
    else if (jump < 0.3) caret = Math.max(0, length - below(200))
    for (let words = 1 + below(16); words > 0; words--) {
      for (const letter of `${WORDS[below(WORDS.length)] ?? ''} `) {
        edits.push({ at: caret++, deleted: 0, inserted: letter })
        length++
      }
      if (random() < 0.22) {
        for (let backspaces = Math.min(caret, 1 + below(16)); backspaces > 0; backspaces--) {
          edits.push({ at: --caret, deleted: 1, inserted: '' })
          length--
        }
      }
    }
  }
  return edits.slice(0, count)
}
