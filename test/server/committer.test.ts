import { beforeEach, expect, test, vi } from 'vitest'
import { Committer, type CommitShare, type CommitSource, countWithin } from '../../server/core/committer.ts'
import type { PendingUpdate } from '../../server/ports/store.ts'
import { SyncError } from '../../shared/errors.ts'
import type { Seq } from '../../shared/ids.ts'
import { quietLog } from '../support/quiet-log.ts'

/** Commits handed over and not answered yet, each by the number of its updates. */
interface Handed {
  readonly updates: number
  readonly answer: () => void
  readonly fail: () => void
}

beforeEach(() => {
  // What the committer takes time from, and turns; promises stay real.
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'performance'] })
  return () => vi.useRealTimers()
})

const MANY: CommitShare = { maxCommitUpdatesPerRoom: 1_000, maxCommitBytesPerRoom: 1_000, partBytes: 1_000 }

function bench(share = MANY) {
  const handed: Handed[] = []
  const troubles: (string | null)[] = []
  const committer = new Committer(
    {
      commit: ({ documents }) =>
        new Promise((resolve, reject) => {
          const updates = documents.reduce((sum, document) => sum + document.updates.length, 0)
          const fail = (): void => reject(new SyncError('storage-full', 'No room.'))
          handed.push({ updates, answer: () => resolve(documents.map(() => 1 as Seq)), fail })
        }),
    },
    quietLog(),
    { ...share, commitGapMs: 8, gatherMs: 15, retryCommitMinMs: 1, retryCommitMaxMs: 1 },
    (trouble) => troubles.push(trouble),
  )
  return { committer, handed, troubles }
}

/** A room whose fan-out takes `fanOutMs`; returns what types a letter there, or something longer. */
function room(committer: Committer, fanOutMs = 0) {
  let pending: PendingUpdate[] = []
  const source: CommitSource = {
    handle: 1,
    get pendingBytes() {
      return pending.reduce((sum, { bytes }) => sum + bytes.length, 0)
    },
    takePending: (share) => pending.splice(0, countWithin(share, pending)),
    committed: () => void vi.advanceTimersByTime(fanOutMs),
  }
  return (bytes = 1) => {
    pending = [...pending, { bytes: new Uint8Array(bytes), author: { user: '', name: '' }, atMs: 0 }]
    committer.add(source, bytes)
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
  const { committer, handed } = bench({ ...MANY, maxCommitUpdatesPerRoom: 3 })
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

test('[CO8] a large update is written beside the batches of others; its room’s next updates come after it', async () => {
  const { committer, handed } = bench()
  const [paste, type] = [room(committer), room(committer)]
  let isIdle = false
  paste()
  paste(1_001)
  paste()
  paste()
  await settle()
  expect(handed.map(({ updates }) => updates)).toEqual([1])
  handed[0]?.answer()
  await settle()
  expect(handed.map(({ updates }) => updates)).toEqual([1, 1])
  void committer.whenIdle().then(() => (isIdle = true))
  // The large one is on its way; others, and others again, go by.
  for (const at of [2, 3]) {
    type()
    type()
    await vi.advanceTimersByTimeAsync(8)
    expect(handed.length).toBe(at + 1)
    handed[at]?.answer()
    await settle()
  }
  expect([committer.unwrittenBytes, isIdle]).toEqual([1_003, false])
  handed[1]?.answer()
  await vi.advanceTimersByTimeAsync(8)
  expect(handed.map(({ updates }) => updates)).toEqual([1, 1, 2, 2, 2])
  expect([committer.unwrittenBytes, isIdle]).toEqual([2, false])
  handed[4]?.answer()
  await settle()
  expect([committer.unwrittenBytes, isIdle]).toEqual([0, true])
})

test('[CO9] several rooms may have a large update on the way, and idle is when all are written', async () => {
  const { committer, handed } = bench()
  const pastes = [room(committer), room(committer)]
  for (const paste of pastes) paste(2_000)
  let isIdle = false
  void committer.whenIdle().then(() => (isIdle = true))
  await settle()
  expect(handed.map(({ updates }) => updates)).toEqual([1, 1])
  for (const [at, unwritten] of [
    [1, 2_000],
    [0, 0],
  ] as const) {
    expect(isIdle).toBe(false)
    handed[at]?.answer()
    await settle()
    expect(committer.unwrittenBytes).toBe(unwritten)
  }
  expect(isIdle).toBe(true)
})

test('[CO10] a large update that cannot be written is trouble until it is, whatever else is written meanwhile', async () => {
  const { committer, handed, troubles } = bench()
  const [paste, type] = [room(committer), room(committer)]
  paste(2_000)
  await settle()
  handed[0]?.fail()
  await settle()
  expect(troubles).toEqual(['storage-full'])
  type()
  await settle()
  const [, batch] = handed
  batch?.answer()
  await vi.advanceTimersByTimeAsync(1)
  expect(troubles).toEqual(['storage-full'])
  expect(committer.trouble?.code).toBe('storage-full')
  handed[2]?.answer()
  await settle()
  expect(troubles).toEqual(['storage-full', null])
  expect(committer.unwrittenBytes).toBe(0)
})

test('[CO6] a share is so many updates, or so many bytes; one update may have more, and a large one is alone', () => {
  const share = { maxCommitUpdatesPerRoom: 3, maxCommitBytesPerRoom: 10, partBytes: 20 }
  const counts = [[1, 1, 1, 1], [5, 5, 1], [11, 1], [9, 2], [], [21, 1], [1, 21]].map((sizes) =>
    countWithin(
      share,
      sizes.map((size) => ({ bytes: new Uint8Array(size), author: { user: '', name: '' }, atMs: 0 })),
    ),
  )
  expect(counts).toEqual([3, 2, 1, 1, 0, 1, 1])
})
