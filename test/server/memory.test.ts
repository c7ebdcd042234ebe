/** What is left of documents that nobody needs any more. */
import { expect, test } from 'vitest'
import { giveMemoryBack } from '../../server/cli/memory.ts'

const OBJECTS = 400_000

test('[ME1] memory that nothing refers to is given back at once, without anybody having to allocate more', () => {
  const before = process.memoryUsage()
  let documents: unknown[] | null = Array.from({ length: OBJECTS }, (_, at) => ({ at, text: `document ${at}` }))
  const taken = process.memoryUsage().heapTotal - before.heapTotal
  expect(documents).toHaveLength(OBJECTS)
  documents = null
  giveMemoryBack()
  const left = process.memoryUsage().heapTotal - before.heapTotal
  expect(left).toBeLessThan(taken / 2)
})
