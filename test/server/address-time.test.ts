import { beforeEach, expect, test, vi } from 'vitest'
import { AddressLimits } from '../../server/transport/address-limits.ts'
import { AddressTime } from '../../server/transport/address-time.ts'
import { Pace } from '../../server/transport/pace.ts'
import { PacedReading } from '../../server/transport/paced-reading.ts'
import { defaultOptions } from '../../server/config.ts'

/** A quarter of the time, and ten milliseconds of it at once. */
const QUARTER = { messageSharePercent: 25, messageTimeBurstMs: 10 }
const UNPACED = { maxMessagesPerSecond: 1e9, messageBurst: 1e9, maxBytesPerSecond: 1e12, byteBurst: 1e12 }

let workedMs = 0

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'performance'] })
  const clock = performance.now.bind(performance)
  const startMs = clock()
  workedMs = 0
  vi.spyOn(performance, 'now').mockImplementation(() => clock() - startMs + workedMs)
  return () => {
    vi.restoreAllMocks()
    vi.useRealTimers()
  }
})

/** Connections of one address; `sends` brings a message that takes `ms`, noted when it is taken. */
function address() {
  const time = new AddressTime(QUARTER, performance.now())
  const taken: string[] = []
  const connect = () => {
    const source = { mayPause: true, isPaused: false, pause: () => undefined as void, resume: () => undefined as void }
    source.pause = () => void (source.isPaused = true)
    source.resume = () => void (source.isPaused = false)
    const reading = new PacedReading({ source, pace: new Pace(UNPACED, 0), time })
    const sends = (name: string, ms: number): void =>
      reading.onMessage(() => {
        taken.push(`${name} ${performance.now()}`)
        workedMs += ms
      })
    return { source, reading, sends }
  }
  return { connect, taken }
}

test('[LM21] connections of one address share its part of the time, and wait for what the others took', async () => {
  const { connect, taken } = address()
  const [one, two] = [connect(), connect()]
  one.sends('one', 10)
  two.sends('two', 5)
  // 5 ms, of a quarter: they are made up for 20 ms after they began.
  two.sends('two', 5)
  one.sends('one', 5)
  expect(taken).toEqual(['one 0', 'two 10'])
  expect([one.source.isPaused, two.source.isPaused]).toEqual([true, true])
  await vi.advanceTimersByTimeAsync(100)
  expect(taken.slice(2)).toEqual(['two 30', 'one 50'])
  expect([one.source.isPaused, two.source.isPaused]).toEqual([false, false])
})

test('[LM21] each connection has its turn, a message each, however many another one has', async () => {
  const { connect, taken } = address()
  const [much, little] = [connect(), connect()]
  for (let count = 0; count < 5; count++) much.sends('much', 20)
  little.sends('little', 20)
  little.sends('little', 20)
  await vi.advanceTimersByTimeAsync(1_000)
  const order = taken.map((line) => line.split(' ')[0])
  expect(order).toEqual(['much', 'much', 'little', 'much', 'little', 'much', 'much'])
})

test('[LM21] what waited is let go one after the other, a turn of the event loop each', () => {
  const { connect, taken } = address()
  connect().sends('long', 14)
  const many = Array.from({ length: 25 }, () => connect())
  for (const { sends } of many) sends('short', 0.001)
  expect(taken.length).toBe(1)
  vi.advanceTimersToNextTimer()
  expect(taken.length).toBe(2)
  vi.advanceTimersToNextTimer()
  expect(taken.length).toBe(3)
  // Somebody who comes now does not get in before them.
  many[0]?.sends('again', 0.001)
  expect(taken.length).toBe(3)
  vi.advanceTimersByTime(100)
  expect(taken.at(-1)).toMatch('again')
  expect(taken.length).toBe(27)
})

test('[LM21] bytes count as well, and who has sent too many of them is read on when it is their turn', () => {
  const { connect } = address()
  const [one, two] = [connect(), connect()]
  one.reading.onBytes(20_000_000)
  two.reading.onBytes(1)
  expect([one.source.isPaused, two.source.isPaused]).toEqual([true, true])
  vi.advanceTimersByTime(1_000)
  expect([one.source.isPaused, two.source.isPaused]).toEqual([false, false])
})

test('[LM21] whoever goes is gone only when everything they sent has been taken, in order', () => {
  const { connect, taken } = address()
  const { sends, reading } = connect()
  for (const name of ['first', 'second', 'third']) sends(name, 20)
  reading.end(() => taken.push('end'))
  expect(taken.length).toBe(1)
  vi.advanceTimersByTime(1_000)
  expect(taken.map((line) => line.split(' ')[0])).toEqual(['first', 'second', 'third', 'end'])
  const quiet = connect()
  quiet.reading.end(() => taken.push('at once'))
  expect(taken.at(-1)).toBe('at once')
})

test('[LM21] of whoever is being sent away nothing is held', () => {
  const { connect, taken } = address()
  const { sends, source } = connect()
  sends('first', 20)
  source.mayPause = false
  sends('second', 20)
  expect(taken.length).toBe(2)
})

test('[LM21] a message during which the machine stood still is not counted for more than a quarter of a second', () => {
  const { connect, taken } = address()
  const { sends } = connect()
  sends('standstill', 3_600_000)
  sends('next', 1)
  vi.advanceTimersByTime(1_000)
  expect(taken.length).toBe(2)
})

test('[LM21] an address is one IPv4 address or one IPv6 /64, and loopback none; who comes back finds what they left', () => {
  const limits = new AddressLimits(defaultOptions)
  const enter = (from: string) => {
    const guest = limits.enter(from)
    if (guest === null) throw new Error('There is room.')
    return guest
  }
  const timeOf = (from: string) => enter(from).reading?.time
  expect(enter('127.0.0.1').reading).toBeNull()
  expect(timeOf('2001:db8::1')).toBe(timeOf('2001:db8::2'))
  expect(timeOf('2001:db8::1')).not.toBe(timeOf('2001:db8:0:1::1'))

  const first = enter('203.0.113.5')
  const time = first.reading?.time
  time?.spend(30, performance.now())
  first.leave()
  vi.advanceTimersByTime(10)
  const second = enter('203.0.113.5')
  expect(second.reading?.time).toBe(time)
  second.leave()
  // Once it has rested nothing is kept of it.
  vi.advanceTimersByTime(10_000)
  expect(timeOf('203.0.113.5')).not.toBe(time)
})
