/** When a row of the scorecard has passed. */
import { expect, test } from 'vitest'
import { atMost, CannotRun, exactly, type Row, type Subject } from '../../trust/row.ts'
import { judge, lineOf } from '../../trust/verdict.ts'

const SHORT = { isShort: true, scale: 1, seed: 1, progress: () => undefined }

/** A row that measures what `lost` says. */
function rowOf(lost: (subject: Subject) => number, limits: Row['limits'] = { lost: exactly(0) }): Row {
  return {
    number: 99,
    promise: 'Nothing is lost',
    control: 'loses everything',
    limits,
    measure: (_, subject) => Promise.resolve({ lost: lost(subject) }),
  }
}

test('[TV1] a row passes when its limits hold and its control breaks one', async () => {
  const verdict = await judge(
    rowOf((subject) => (subject === 'control' ? 7 : 0)),
    SHORT,
  )
  expect(verdict).toMatchObject({ outcome: 'PASS', measures: { lost: 0 }, control: { wasCaught: true } })
  expect(lineOf(verdict)).toMatch(/^PASS .*lost 0 \(= 0\).*control \(loses everything\): lost 7 \(= 0\), caught/)
})

test('[TV2] a row whose control holds is blind, and fails', async () => {
  const verdict = await judge(
    rowOf(() => 0),
    SHORT,
  )
  expect(verdict).toMatchObject({ outcome: 'FAIL', control: { wasCaught: false } })
})

test('[TV3] a row fails when a limit does not hold, when a measure is missing, and when it throws', async () => {
  const outcomes = await Promise.all([
    judge(
      rowOf(() => 1),
      SHORT,
    ),
    judge(
      rowOf(() => 0, { other: exactly(0) }),
      SHORT,
    ),
    judge({ ...rowOf(() => 0), measure: () => Promise.reject(new Error('It broke.')) }, SHORT),
  ])
  expect(outcomes.map(({ outcome }) => outcome)).toEqual(['FAIL', 'FAIL', 'FAIL'])
  expect(outcomes[2]?.reason).toBe('It broke.')
})

test('[TV4] a row that cannot be run here has not passed, and says why', async () => {
  const row: Row = { ...rowOf(() => 0), measure: () => Promise.reject(new CannotRun('needs root')) }
  const verdict = await judge(row, SHORT)
  expect(verdict).toMatchObject({ outcome: 'NOT RUN', reason: 'needs root' })
})

test('[TV5] a limit may be wider in the short form', async () => {
  const row = rowOf((subject) => (subject === 'control' ? 900 : 20), { lost: atMost(5, { short: 60 }) })
  expect((await judge(row, SHORT)).outcome).toBe('PASS')
  expect((await judge(row, { ...SHORT, isShort: false })).outcome).toBe('FAIL')
})
