/** Row 5: damaged updates, and honest ones. */
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { Share } from '../fuzz/fuzz-thread.ts'
import { emptyCount, type FuzzCount, fuzzSession } from '../fuzz/mutants.ts'
import type { Lab } from '../lab.ts'
import { exactly, type Row } from '../row.ts'
import { readLoosely } from '../fuzz/read-loosely.ts'

const LONG_SESSIONS = 4_000
const SHORT_SESSIONS = 40

export const mutation: Row = {
  number: 5,
  promise: 'Damaged updates are refused or found out, or do the same to everybody',
  control: 'reads updates as Yjs does',
  limits: {
    'throws outside the decoder': exactly(0),
    divergences: exactly(0),
    'honest updates refused': exactly(0),
  },
  async measure(lab, subject) {
    const first = 1 + Math.floor(lab.random() * 2 ** 30)
    lab.progress(`seeds from ${first} on`)
    const count = subject === 'weft' ? await fuzz(lab, first) : fuzzControl(first)
    return {
      'throws outside the decoder': count.throws,
      divergences: count.divergences,
      'honest updates refused': count.rejects,
      'damaged updates': count.mutants,
      'of them taken': count.taken,
      'of these found when the document is folded': count.found,
      'honest updates': count.honest,
    }
  },
}

/** In as many threads as there are processors. */
async function fuzz(lab: Lab, first: number): Promise<FuzzCount> {
  const sessions = lab.isShort ? SHORT_SESSIONS : LONG_SESSIONS * lab.scale
  const threads = availableParallelism()
  const share = Math.ceil(sessions / threads)
  const answers = await Promise.all(
    Array.from({ length: threads }, (_, at) => runShare({ from: first + at * share, to: first + (at + 1) * share })),
  )
  for (const problem of answers.flatMap(({ problems }) => problems)) lab.progress(problem)
  return answers.reduce((sum, { count }) => add(sum, count), emptyCount())
}

interface Answer {
  readonly count: FuzzCount
  readonly problems: readonly string[]
}

async function runShare(share: Share): Promise<Answer> {
  const worker = new Worker(fileURLToPath(new URL('../fuzz/fuzz-thread.js', import.meta.url)), { workerData: share })
  const [answer] = (await once(worker, 'message')) as [Answer]
  return answer
}

/** Until something went wrong, as it has to. */
function fuzzControl(first: number): FuzzCount {
  const count = emptyCount()
  for (let seed = first; seed < first + SHORT_SESSIONS && count.throws + count.divergences === 0; seed++) {
    fuzzSession(seed, count, () => undefined, readLoosely)
  }
  return count
}

function add(left: FuzzCount, right: FuzzCount): FuzzCount {
  return Object.fromEntries(
    Object.entries(left).map(([name, value]) => [name, value + right[name as keyof FuzzCount]]),
  ) as unknown as FuzzCount
}
