/** Whether anything was written twice. */
import { Coverage } from '../shared/update/coverage.ts'
import { UpdateShape, walkUpdate } from '../shared/update/walk.ts'

/** How many updates of `log` hold nothing that those before them do not. */
export function repeatedIn(log: readonly Uint8Array[]): number {
  const coverage = Coverage.empty()
  const shape = new UpdateShape()
  let repeated = 0
  for (const update of log) {
    walkUpdate(update, shape)
    if (coverage.relation(shape) === 'known') repeated++
    coverage.add(shape)
  }
  return repeated
}
