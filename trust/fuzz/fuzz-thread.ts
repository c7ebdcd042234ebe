/** A thread that works through its share of the seeds. */
import { parentPort as parent, workerData } from 'node:worker_threads'
import { emptyCount, fuzzSession } from './mutants.ts'

/** `from ≤ seed < to`. */
export interface Share {
  readonly from: number
  readonly to: number
}

/** Few enough to be read. */
const MAX_PROBLEMS = 20

// Yjs warns of every type that is read before it is used.
// oxlint-disable-next-line no-console -- it has no other way to be quiet
console.warn = () => undefined

const { from, to } = workerData as Share
const count = emptyCount()
const problems: string[] = []
for (let seed = from; seed < to; seed++) {
  fuzzSession(seed, count, (problem) => {
    if (problems.length < MAX_PROBLEMS) problems.push(problem)
  })
}
parent?.postMessage({ count, problems }, [])
