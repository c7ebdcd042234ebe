/** Every row of `npm run trust` in its short form: the promise holds, and the row is not blind. */
import { expect, test } from 'vitest'
import { rows } from '../../trust/rows.ts'
import { judge, lineOf } from '../../trust/verdict.ts'

const OPTIONS = { isShort: true, scale: 1, seed: 1, progress: () => undefined }

test.for(rows.map((row) => [row.number, row.promise, row] as const))('[TR%i] %s', async ([, , row]) => {
  const verdict = await judge(row, OPTIONS)
  // A machine without loop devices or root cannot run some rows; it says so, and passes nothing.
  expect(verdict.outcome, lineOf(verdict)).not.toBe('FAIL')
})
