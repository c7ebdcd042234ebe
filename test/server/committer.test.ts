import { beforeEach, expect, test, vi } from 'vitest'
import { Committer, type CommitShare, type CommitSource, countWithin } from '../../server/core/committer.ts'
import type { PendingUpdate } from '../../server/ports/store.ts'
import type { Seq } from '../../shared/ids.ts'
import { quietLog } from '../support/quiet-log.ts'

/** Commits handed over and not answered yet, each by the number of its updates. */
interface Handed {
  readonly updates: number
  readonly answer: () => void
}

beforeEach(() => {
  // What the committer takes time from, and turns; promises stay real.
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'performance'] })
  return () => vi.useRealTimers()
})

const MANY: CommitShare = { maxCommitUpdatesPerRoom: 1_000, maxCommitBytesPerRoom: 1_000 }

function bench(share = MANY) {
  const handed: Handed[] = []
  const committer = new Committer(
    {
      commit: ({ documents }) =>
        new Promise((resolve) => {
          const updates = documents.reduce((sum, document) => sum + document.updates.length, 0)
          handed.push({ updates, answer: () => resolve(documents.map(() => 1 as Seq)) })
        }),
    },
    quietLog(),
    { ...share, commitGapMs: 8, gatherMs: 15, retryCommitMinMs: 1, retryCommitMaxMs: 1 },
  )
  return { committer, handed }
}

/** A room whose fan-out takes `fanOutMs`. */
function room(committer: Committer, fanOutMs = 0) {
  let pending: PendingUpdate[] = []
  const source: CommitSource = {
    handle: 1,
    get pendingBytes() {
      return pending.length
    },
    takePending: (share) => pending.splice(0, countWithin(share, pending)),
    committed: () => void vi.advanceTimersByTime(fanOutMs),
  }
  return () => {
    pending = [...pending, { bytes: new Uint8Array(1), author: { user: '', name: '' }, atMs: 0 }]
    committer.add(source, 1)
  }
}

/** Lets pass what needs no time. */
const settle = async (): Promise<void> => void (await vi.advanceTimersByTimeAsync(0))

test('[CO1] when nothing is being written, a batch is written at once, the turn’s other updates with it', async () => {
  const { committer, handed } = bench()
  const type = room(committer)
  type()
  type()
  await settle()
  expect(handed.map(({ updates }) => updates)).toEqual([2])
  handed[0]?.answer()
  await settle()
  type()
  await settle()
  expect(handed.map(({ updates }) => updates)).toEqual([2, 1])
})

test('[CO2] a batch that filled while one was written goes on filling until the gap is over', async () => {
  const { committer, handed } = bench()
  const type = room(committer)
  type()
  await settle()
  type()
  await vi.advanceTimersByTimeAsync(3)
  handed[0]?.answer()
  await vi.advanceTimersByTimeAsync(4)
  type()
  expect(handed.length).toBe(1)
  await vi.advanceTimersByTimeAsync(1)
  expect(handed.map(({ updates }) => updates)).toEqual([1, 2])
})

test('[CO3] in a room that takes long to be shown a commit, a letter waits for another, unless the last one did in vain', async () => {
  for (const { fanOutMs, waitMs } of [
    { fanOutMs: 1, waitMs: 10 },
    { fanOutMs: 4, waitMs: 15 },
  ]) {
    const { committer, handed } = bench()
    const type = room(committer, fanOutMs)
    /** It is written, shown, and rested after ([CO7]). */
    const shown = async (at: number): Promise<void> => {
      handed[at]?.answer()
      await vi.advanceTimersByTimeAsync(12)
    }
    type()
    await settle()
    expect(handed.length).toBe(1)
    await shown(0)
    type()
    expect(handed.length).toBe(1)
    type()
    await settle()
    expect(handed.map(({ updates }) => updates)).toEqual([1, 2])

    await shown(1)
    type()
    await vi.advanceTimersByTimeAsync(waitMs)
    expect(handed.length).toBe(2)
    await vi.advanceTimersByTimeAsync(1)
    expect(handed.map(({ updates }) => updates)).toEqual([1, 2, 1])

    await shown(2)
    type()
    await settle()
    expect(handed.map(({ updates }) => updates)).toEqual([1, 2, 1, 1])

    await shown(3)
    await vi.advanceTimersByTimeAsync(2 * waitMs)
    type()
    await settle()
    expect(handed.length).toBe(5)
  }
})

test('[CO7] showing commits takes a fifth of the time at most: one that took long is rested after, two gaps at most', async () => {
  for (const { fanOutMs, restMs } of [
    { fanOutMs: 2, restMs: 10 },
    { fanOutMs: 6, restMs: 16 },
  ]) {
    const { committer, handed } = bench()
    const type = room(committer, fanOutMs)
    type()
    await settle()
    handed[0]?.answer()
    await settle()
    // Two, which would not wait for each other.
    type()
    type()
    await vi.advanceTimersByTimeAsync(restMs - fanOutMs - 1)
    expect(handed.length).toBe(1)
    await vi.advanceTimersByTimeAsync(1)
    expect(handed.map(({ updates }) => updates)).toEqual([1, 2])
  }
})

test('[CO4] idle is when everything added is written', async () => {
  const { committer, handed } = bench()
  const type = room(committer)
  await committer.whenIdle()
  type()
  let isIdle = false
  void committer.whenIdle().then(() => {
    isIdle = true
  })
  await settle()
  expect(isIdle).toBe(false)
  handed[0]?.answer()
  await settle()
  expect(isIdle).toBe(true)
})

test('[CO5] of a room no more than its share goes with one commit, oldest first, and the rest with the next ones at once', async () => {
  const { committer, handed } = bench({ maxCommitUpdatesPerRoom: 3, maxCommitBytesPerRoom: 1_000 })
  const [flood, type] = [room(committer), room(committer)]
  for (let count = 0; count < 7; count++) flood()
  type()
  let isIdle = false
  void committer.whenIdle().then(() => (isIdle = true))
  for (const [at, unwritten] of [8, 4, 1].entries()) {
    await settle()
    expect(committer.unwrittenBytes).toBe(unwritten)
    expect(isIdle).toBe(false)
    handed[at]?.answer()
  }
  await settle()
  expect(handed.map(({ updates }) => updates)).toEqual([4, 3, 1])
  expect([committer.unwrittenBytes, isIdle]).toEqual([0, true])
})

test('[CO6] a share is so many updates, or so many bytes; one update may have more', () => {
  const share = { maxCommitUpdatesPerRoom: 3, maxCommitBytesPerRoom: 10 }
  const counts = [[1, 1, 1, 1], [5, 5, 1], [11, 1], [9, 2], []].map((sizes) =>
    countWithin(
      share,
      sizes.map((size) => ({ bytes: new Uint8Array(size), author: { user: '', name: '' }, atMs: 0 })),
    ),
  )
  expect(counts).toEqual([3, 2, 1, 1, 0])
})
