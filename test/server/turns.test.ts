import { beforeEach, expect, test, vi } from 'vitest'
import { Turns } from '../../server/core/turns.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'performance'] })
  return () => vi.useRealTimers()
})

/** Work of `ms`, noted when it begins. */
function bench(options: ConstructorParameters<typeof Turns>[0]) {
  const turns = new Turns(options)
  const begun: string[] = []
  const ask = (key: string, ms: number): Promise<void> =>
    turns.run(key, () => {
      begun.push(`${key} ${performance.now() - startMs}`)
      return new Promise((resolve) => setTimeout(resolve, ms))
    })
  const startMs = performance.now()
  return { ask, begun }
}

test('[LM18] of one address so many requests are answered at once, for its share of the time; those of others meanwhile', async () => {
  const { ask, begun } = bench({ maxAtOnce: 2, maxWaiting: 10, sharePercent: 50 })
  for (let count = 0; count < 5; count++) void ask('a', 10)
  void ask('b', 10)
  await vi.advanceTimersByTimeAsync(200)
  // Two at once for half the time: each is followed by a rest three times as long.
  expect(begun).toEqual(['a 0', 'a 0', 'b 0', 'a 40', 'a 40', 'a 80'])
})

test('[LM18] work that took long is followed by a rest of a second at most, and work that fails by one, too', async () => {
  const { ask, begun } = bench({ maxAtOnce: 1, maxWaiting: 10, sharePercent: 1 })
  void ask('a', 5_000)
  void ask('a', 0)
  await vi.advanceTimersByTimeAsync(7_000)
  expect(begun).toEqual(['a 0', 'a 6000'])

  const turns = new Turns({ maxAtOnce: 1, maxWaiting: 10, sharePercent: 50 })
  const failing = turns.run('a', () => Promise.reject(new Error('no')))
  await expect(failing).rejects.toThrow('no')
  const next = turns.run('a', () => Promise.resolve('yes'))
  await vi.advanceTimersByTimeAsync(1)
  await expect(next).resolves.toBe('yes')
})

test('[LM18] where as many wait as may, another one is refused, and what waits is done', async () => {
  const { ask, begun } = bench({ maxAtOnce: 1, maxWaiting: 1, sharePercent: 100 })
  const taken = [ask('a', 10), ask('a', 10)]
  await expect(ask('a', 10)).rejects.toMatchObject({ code: 'too-many-requests' })
  await vi.advanceTimersByTimeAsync(30)
  await Promise.all(taken)
  expect(begun.length).toBe(2)
  void ask('a', 10)
  await vi.advanceTimersByTimeAsync(1)
  expect(begun.length).toBe(3)
})
