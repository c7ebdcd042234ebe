import { spawnSync } from 'node:child_process'
import { constants, getPriority } from 'node:os'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterEach, describe, expect, test, vi } from 'vitest'
import * as Y from 'yjs'
import { createCompute } from '../../server/compute/compute.ts'
import { defaultOptions } from '../../server/config.ts'
import { ThreadPool, type PoolOptions } from '../../server/compute/pool.ts'
import { parcelOf } from '../../server/core/pieces.ts'
import type { Content } from '../../server/ports/compute.ts'
import { SyncError } from '../../shared/errors.ts'
import { packUpdates } from '../../shared/update/pack.ts'
import { nicenessOf } from '../support/niceness.ts'
import type { Order } from './compute-thread.ts'

const pools: { close(): Promise<void> }[] = []
afterEach(async () => {
  vi.useRealTimers()
  await Promise.all(pools.splice(0).map((pool) => pool.close()))
})

function poolWith(options: Partial<PoolOptions> = {}) {
  const pool = new ThreadPool({
    entry: new URL('./compute-thread.js', import.meta.url),
    threads: 1,
    jobTimeoutMs: 60_000,
    maxQueuedJobs: 10,
    idleThreadMs: 60_000,
    ...options,
  })
  pools.push(pool)
  return { pool, run: (order: Order) => pool.run(() => Promise.resolve({ body: order, transfer: [] })) }
}

/** A job that runs until it is let go. */
function heldJob() {
  const flag = new Int32Array(new SharedArrayBuffer(4))
  const letGo = () => {
    Atomics.store(flag, 0, 1)
    Atomics.notify(flag, 0)
  }
  return { order: { wake: flag.buffer }, letGo }
}

/** What a job works on, made anew whenever it is read. */
const reading =
  <Bytes>(make: () => Bytes) =>
  (): Promise<Bytes> =>
    Promise.resolve(make())

const contentOf = (snapshot: readonly Uint8Array[], tail: Uint8Array): Content => ({
  snapshot: parcelOf(snapshot),
  tail: parcelOf([tail]),
})

const failing = (code: string) => expect.objectContaining({ code })

describe('[CP4] a pool of threads', () => {
  test('starts no more threads than it may, and uses them again', async () => {
    const { run } = poolWith({ threads: 2 })
    const held = [heldJob(), heldJob()]
    const first = held.map(({ order }) => run(order))
    const queued = [run('say who you are'), run('say who you are')]
    held.forEach(({ letGo }) => letGo())
    const threads = new Set(await Promise.all(first))
    expect(threads.size).toBe(2)
    for (const thread of await Promise.all(queued)) expect(threads).toContain(thread)
  })

  test('replaces a thread that takes too long', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const { run } = poolWith({ jobTimeoutMs: 10_000 })
    const before = await run('say who you are')
    const hanging = run('hang')
    const after = run('say who you are')
    // Once the thread has its message.
    await nextTurn()
    vi.advanceTimersByTime(10_000)
    await expect(hanging).rejects.toThrow(failing('job-timed-out'))
    expect(await after).not.toBe(before)
  })

  test.each([
    ['throw', 'job-failed'],
    ['exit', 'overloaded'],
  ] as const)('replaces a thread that ends by %s, and says %s', async (order, code) => {
    const { run } = poolWith()
    const before = await run('say who you are')
    const ending = run(order)
    const after = run('say who you are')
    await expect(ending).rejects.toThrow(failing(code))
    expect(await after).not.toBe(before)
  })

  test('ends a thread that has had nothing to do, and no other', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const { run } = poolWith({ idleThreadMs: 1_000 })
    const before = await run('say who you are')
    vi.advanceTimersByTime(999)
    expect(await run('say who you are')).toBe(before)
    const { order, letGo } = heldJob()
    const working = run(order)
    vi.advanceTimersByTime(1_000)
    letGo()
    expect(await working).toBe(before)
    vi.advanceTimersByTime(1_000)
    expect(await run('say who you are')).not.toBe(before)
  })

  test('tells when none of its threads is left, and not while one is', async () => {
    const rested = vi.fn<() => void>()
    const { run } = poolWith({ threads: 2, idleThreadMs: 1, rested })
    const { order, letGo } = heldJob()
    const working = run(order)
    const ended = await run('say who you are')
    await expect.poll(() => run('say who you are')).not.toBe(ended)
    expect(rested).not.toHaveBeenCalled()
    letGo()
    await working
    await expect.poll(() => rested.mock.calls.length).toBeGreaterThan(0)
  })

  test('tells nobody that its threads are gone when it was closed', async () => {
    const rested = vi.fn<() => void>()
    const { pool, run } = poolWith({ rested })
    await run('say who you are')
    await pool.close()
    expect(rested).not.toHaveBeenCalled()
  })

  test('refuses more jobs than may wait', async () => {
    const { run } = poolWith({ maxQueuedJobs: 1 })
    const { order, letGo } = heldJob()
    const running = run(order)
    const waiting = run('say who you are')
    await expect(run('say who you are')).rejects.toThrow(failing('overloaded'))
    letGo()
    await Promise.all([running, waiting])
  })

  test('gives up running and waiting jobs when it is closed, and takes no more', async () => {
    const { pool, run } = poolWith()
    const jobs = [run('hang'), run('say who you are')]
    const outcomes = Promise.allSettled(jobs)
    await pool.close()
    for (const outcome of await outcomes) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'shutting-down' } })
    }
    await expect(run('say who you are')).rejects.toThrow(failing('shutting-down'))
  })
})

describe('[CP5] the compute port', () => {
  const options = { ...defaultOptions, threads: 1, chunkBytes: 1_000 }
  const open = () => {
    const compute = createCompute(options)
    pools.push(compute)
    return compute
  }

  function written() {
    const document = new Y.Doc()
    document.getText('body').insert(0, 'Hello')
    const past = Y.encodeStateAsUpdate(document)
    const sv = Y.encodeStateVector(document)
    document.getText('body').insert(5, ' world')
    return { past, later: Y.encodeStateAsUpdate(document, sv) }
  }

  test('does every job in a thread', async () => {
    const compute = open()
    const { past, later } = written()
    const content = reading(() => contentOf([past.slice()], packUpdates([later])))
    const { chunks, title } = await compute.compact(content)
    const folded = [...chunks]
    expect(title).toBeNull()
    expect(Buffer.concat([...(await compute.merge(content))])).toEqual(Buffer.from(Y.mergeUpdates([past, later])))
    expect(await compute.view(reading(() => packUpdates(folded)))).toEqual({
      roots: [{ name: 'body', kind: 'text', content: 'Hello world' }],
    })
    expect([...(await compute.diff(content, Y.encodeStateVectorFromUpdate(past)))]).toHaveLength(1)
    const log = reading(() => ({ before: parcelOf([packUpdates([past])]), after: parcelOf([packUpdates([later])]) }))
    const { update, changedRoots } = await compute.restore(log)
    expect(changedRoots).toEqual(['body'])
    expect(update?.length).toBeGreaterThan(0)
  })

  test('takes over what it is given, but for what is only a part of something', async () => {
    const { past, later } = written()
    const tail = packUpdates([later])
    const around = new Uint8Array([...past, 7])
    await open().compact(reading(() => contentOf([around.subarray(0, past.length)], tail)))
    expect([tail.length, around.at(-1)]).toEqual([0, 7])
  })

  test('reads what a job works on when a thread is free for it', async () => {
    const compute = open()
    const { past, later } = written()
    const read: string[] = []
    let letGo = () => {}
    const held = new Promise<void>((resolve) => {
      letGo = resolve
    })
    const content = (name: string) => async () => {
      read.push(name)
      if (name === 'first') await held
      return contentOf([past.slice()], packUpdates([later]))
    }
    const jobs = ['first', 'second', 'third'].map((name) => compute.compact(content(name)))
    await nextTurn()
    expect(read).toEqual(['first'])
    letGo()
    await Promise.all(jobs)
    expect(read).toEqual(['first', 'second', 'third'])
  })

  test('goes on after something that could not be read', async () => {
    const compute = open()
    const gone = new SyncError('storage-failed', 'The disk is gone.')
    const jobs = [compute.view(() => Promise.reject(gone)), compute.view(reading(() => packUpdates([])))]
    await expect(jobs[0]).rejects.toBe(gone)
    await expect(jobs[1]).resolves.toEqual({ roots: [] })
  })

  test('passes on why a job failed', async () => {
    const content = reading(() => contentOf([], Uint8Array.of(9)))
    await expect(open().compact(content)).rejects.toThrow(failing('storage-corrupt'))
  })

  test('lets the threads that people wait for go first', async () => {
    await open().view(reading(() => packUpdates([])))
    expect([...nicenessOf(process.pid).values()]).toContain(constants.priority.PRIORITY_BELOW_NORMAL)
    expect(getPriority()).toBe(constants.priority.PRIORITY_NORMAL)
  })

  test('an idle thread does not keep the process alive', () => {
    const script = `
      import { createCompute } from ${JSON.stringify(new URL('../../server/compute/compute.js', import.meta.url))}
      const compute = createCompute(${JSON.stringify(options)})
      console.log(JSON.stringify(await compute.view(async () => new Uint8Array())))`
    const { stdout, stderr, status } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
      timeout: 60_000,
    })
    expect({ stdout, stderr, status }).toEqual({ stdout: '{"roots":[]}\n', stderr: '', status: 0 })
  })
})
