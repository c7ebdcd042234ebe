import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { ClientClocks } from '../../shared/update/client-clocks.ts'
import { ClockRanges } from '../../shared/update/clock-ranges.ts'
import { Coverage } from '../../shared/update/coverage.ts'
import { foldUpdates } from '../../shared/update/fold.ts'
import { packUpdates, unpackUpdates } from '../../shared/update/pack.ts'
import { splitUpdate } from '../../shared/update/split.ts'
import { checkStateVectorSize, clockIn, decodeStateVector } from '../../shared/update/state-vector.ts'
import { UpdateShape, walkUpdate } from '../../shared/update/walk.ts'
import { below, randomFrom } from '../../trust/fuzz/update-documents.ts'

const corrupt = expect.objectContaining({ code: 'storage-corrupt' })
const malformed = expect.objectContaining({ code: 'malformed-update' })

describe('[UP11] packed updates', () => {
  const updates = [new Uint8Array([0, 0]), new Uint8Array(300).fill(7), new Uint8Array(0)]

  test('come out as they went in, without being copied', () => {
    const packed = packUpdates(updates)
    expect(unpackUpdates(packed)).toEqual(updates)
    expect(unpackUpdates(packed).every(({ buffer }) => buffer === packed.buffer)).toBe(true)
    expect(unpackUpdates(packUpdates([]))).toEqual([])
  })

  test('are corrupt when they are cut', () => {
    const packed = packUpdates(updates.slice(0, 2))
    for (const length of [1, 2, 4, 100]) expect(() => unpackUpdates(packed.subarray(0, length))).toThrow(corrupt)
  })
})

describe('[UP12] state vectors', () => {
  test('are those of Yjs', () => {
    const document = new Y.Doc()
    for (const client of [5, 2 ** 32 - 1, 300]) {
      document.clientID = client
      document.getText('t').insert(0, 'text')
    }
    const encoded = Y.encodeStateVector(document)
    expect(decodeStateVector(encoded, 3)).toEqual(Y.decodeStateVector(encoded))
    expect(new ClientClocks(decodeStateVector(encoded, 3)).stateVector()).toEqual(encoded)
    expect([5, 6, 300, 2 ** 32 - 1].map((client) => clockIn(encoded, client))).toEqual([4, 0, 4, 4])
  })

  test('of too many clients, or longer than their clients can be, are told by their beginning', () => {
    expect(() => checkStateVectorSize(Uint8Array.of(2, 1, 1), 1)).toThrow(malformed)
    expect(() => checkStateVectorSize(new Uint8Array(18).fill(1), 1)).toThrow(malformed)
    checkStateVectorSize(new Uint8Array(17).fill(1), 1)
  })

  test.each([
    ['too long', [2, 1, 1, 2, 1]],
    ['cut', [1, 1]],
    ['empty', []],
    ['followed by more', [0, 0]],
    ['of a clock over 2^40', [1, 1, 0x80, 0x80, 0x80, 0x80, 0x80, 0x40]],
  ])('are malformed when %s', (_what, bytes) => {
    expect(() => decodeStateVector(Uint8Array.from(bytes), 1)).toThrow(malformed)
  })

  test('are malformed when they name a client twice', () => {
    expect(() => decodeStateVector(Uint8Array.of(2, 1, 1, 1, 1), 2)).toThrow(malformed)
  })
})

test.each([1, 2, 3])(
  '[UP20] a state vector that is kept encoded is that of the clocks as they are (seed %i)',
  (seed) => {
    const random = randomFrom(seed)
    const clocks = new Map<number, number>()
    for (let left = below(random, 3_000); left > 0; left--) clocks.set(below(random, 2 ** 32), 1)
    const kept = new ClientClocks(new Map(clocks))
    for (let round = 0; round < 8; round++) {
      const known = [...clocks.keys()]
      const before = kept.stateVector()
      expect(kept.isLatestStateVector(before.slice())).toBe(true)
      for (let left = below(random, 300); left > 0; left--) {
        const client = random() < 0.5 ? below(random, 2 ** 32) : (known[below(random, known.length)] ?? 0)
        clocks.set(client, (clocks.get(client) ?? 0) + 1)
        kept.set(client, kept.of(client) + 1)
        expect(kept.isLatestStateVector(before)).toBe(false)
      }
      expect(kept.stateVector()).toEqual(Y.encodeStateVector(clocks))
    }
  },
)

test.each([1, 2, 3])('[UP13] ranges of clocks are as if each clock was kept by itself (seed %i)', (seed) => {
  const random = randomFrom(seed)
  const ranges = new ClockRanges()
  const clocks = new Set<number>()
  // Wide enough for several pages, dense enough for ranges that join over their borders.
  for (let i = 0; i < 3_000; i++) {
    const start = below(random, 8_000)
    const length = 1 + below(random, random() < 0.02 ? 2_500 : 2)
    if (random() < 0.001) for (let clock = 0; clock < 8_000; clock += 2) addBoth(clock, clock + 1)
    addBoth(start, start + length)
    const probe = below(random, 8_000)
    expect(ranges.covers(probe, probe + 2)).toBe(clocks.has(probe) && clocks.has(probe + 1))
  }
  expect(listOf(ranges)).toEqual(rangesOf(clocks))

  function addBoth(start: number, end: number): void {
    ranges.add(start, end)
    for (let clock = start; clock < end; clock++) clocks.add(clock)
  }
})

test('[UP14] ranges that never touch are kept apart in any number, and joined by what fills the gaps', () => {
  const ranges = new ClockRanges()
  for (let clock = 9_999; clock >= 0; clock--) ranges.add(clock * 2, clock * 2 + 1)
  expect(ranges.count).toBe(10_000)
  ranges.add(1, 19_990)
  expect(listOf(ranges).slice(0, 2)).toEqual([
    [0, 19_991],
    [19_992, 19_993],
  ])
})

test('[UP15] a coverage that is cut, or goes on after its end, is corrupt', () => {
  const document = new Y.Doc()
  document.getText('t').insert(0, 'text')
  document.getText('t').delete(1, 2)
  const bytes = Y.encodeSnapshot(Y.snapshot(document))
  expect(Coverage.decode(bytes).encode()).toEqual(bytes)
  for (let length = 0; length < bytes.length; length++) {
    expect(() => Coverage.decode(bytes.subarray(0, length))).toThrow(corrupt)
  }
  expect(() => Coverage.decode(Uint8Array.of(...bytes, 0))).toThrow(corrupt)
})

test('[UP16] structs are never dropped as known because only their deletes are', () => {
  const document = new Y.Doc()
  const shape = new UpdateShape()
  document.getText('t').insert(0, 'abc')
  const coverage = Coverage.empty()
  walkUpdate(Y.encodeStateAsUpdate(document), shape)
  coverage.add(shape)
  document.getText('t').delete(0, 1)
  walkUpdate(Y.encodeStateAsUpdate(document), shape)
  expect(coverage.relation(shape)).toBe('new')
  coverage.add(shape)
  document.getText('t').insert(0, 'd')
  walkUpdate(Y.encodeStateAsUpdate(document), shape)
  expect(coverage.relation(shape)).toBe('new')
})

test('[UP19] a peer with every struct lacks at most the deletes, which are an update of their own', () => {
  const document = new Y.Doc()
  document.getText('t').insert(0, 'abc')
  const peer = new Y.Doc()
  Y.applyUpdate(peer, Y.encodeStateAsUpdate(document))
  const known = Y.decodeStateVector(Y.encodeStateVector(peer))
  expect(Coverage.decode(Y.encodeSnapshot(Y.snapshot(document))).encodeDeletes()).toBeNull()
  document.getText('t').delete(1, 1)
  const coverage = Coverage.decode(Y.encodeSnapshot(Y.snapshot(document)))
  expect([coverage.isWithin(known), coverage.isWithin(new Map())]).toEqual([true, false])
  Y.applyUpdate(peer, coverage.encodeDeletes() ?? new Uint8Array())
  expect(peer.getText('t').toJSON()).toBe('ac')
})

describe('[UP17] folding', () => {
  const typed = typedUpdates(50)

  test('makes one update of many keystrokes', () => {
    expect(foldUpdates(typed, null)).toHaveLength(1)
  })

  test('leaves nothing of what the document has', () => {
    expect(foldUpdates(typed, new Map([[1, 50]]))).toEqual([])
    expect(foldUpdates([], null)).toEqual([])
  })

  test('keeps deletes even where every struct is known', () => {
    const document = new Y.Doc()
    for (const update of typed) Y.applyUpdate(document, update)
    document.getText('t').delete(3, 4)
    const [folded] = foldUpdates([...typed, Y.encodeStateAsUpdate(document)], new Map([[1, 50]]))
    expect(Y.decodeUpdate(folded ?? new Uint8Array())).toMatchObject({ structs: [] })
  })

  test('refuses a log with a gap', () => {
    expect(() => foldUpdates([...typed.slice(0, 3), ...typed.slice(4)], new Map())).toThrow(corrupt)
    expect(() => foldUpdates(typed.slice(4), new Map([[1, 3]]))).toThrow(corrupt)
  })

  test('takes it that a document of unknown state has what a log builds on', () => {
    const document = new Y.Doc()
    typed.slice(0, 20).forEach((update) => Y.applyUpdate(document, update))
    // Somebody sends again what the document has long had; then the author goes on from where it really is.
    for (const update of foldUpdates([...typed.slice(0, 5), ...typed.slice(20)], null)) Y.applyUpdate(document, update)
    expect(document.getText('t').length).toBe(50)
  })

  test('puts what overlaps the end of a client into a further update', () => {
    const whole = new Y.Doc()
    for (const update of typed) Y.applyUpdate(whole, update)
    // Yjs has joined the keystrokes into one struct, of which the first ten are known.
    const folded = foldUpdates([...typed.slice(0, 10), Y.encodeStateAsUpdate(whole)], null)
    expect(folded).toHaveLength(2)
    const document = new Y.Doc()
    for (const update of folded) Y.applyUpdate(document, update)
    expect(document.getText('t').toJSON()).toBe(whole.getText('t').toJSON())
  })
})

describe('[UP18] splitting', () => {
  test('leaves a small update as it is', () => {
    const update = Uint8Array.of(0, 0)
    expect(splitUpdate(update, 100)).toEqual([update])
  })

  test('lets only a single struct be larger than asked', () => {
    const document = new Y.Doc()
    document.getArray('a').push(['x'.repeat(500)])
    document.getArray('b').push(['short'])
    const parts = splitUpdate(Y.encodeStateAsUpdate(document), 100)
    expect(parts.map(({ length }) => length > 100)).toEqual([true, false])
  })

  test('cuts text in front of a character, whatever is beside it, and Yjs puts it together again', () => {
    const document = new Y.Doc()
    document.clientID = 1
    const text = document.getText('t')
    text.insert(0, 'aé漢😀'.repeat(200))
    document.clientID = 2
    text.insert(0, '😀'.repeat(200))
    text.insert(300, 'between')
    const nested = document.getMap('m').set('key', new Y.Text())
    nested.insert(0, 'x'.repeat(500))
    const parts = splitUpdate(Y.encodeStateAsUpdate(document), 200)
    expect(Math.max(...parts.map(({ length }) => length))).toBeLessThanOrEqual(200)
    const copy = new Y.Doc()
    for (const part of parts) Y.applyUpdate(copy, part)
    expect(copy.getText('t').toJSON()).toBe(text.toJSON())
    expect(copy.getMap('m').toJSON()).toEqual(document.getMap('m').toJSON())
    expect(Y.encodeStateAsUpdate(copy)).toEqual(Y.encodeStateAsUpdate(document))
  })

  test('is linear, without recursion: 50,000 structs of clients in turns', () => {
    const document = new Y.Doc()
    for (let i = 0; i < 50_000; i++) {
      document.clientID = 1 + (i % 2)
      document.getArray('a').insert(0, [i])
    }
    const parts = splitUpdate(Y.encodeStateAsUpdate(document), 10_000)
    const copy = new Y.Doc()
    for (const part of parts) Y.applyUpdate(copy, part)
    expect(copy.getArray('a').length).toBe(50_000)
  })
})

function typedUpdates(count: number): Uint8Array[] {
  const document = new Y.Doc()
  document.clientID = 1
  const updates: Uint8Array[] = []
  document.on('update', (update: Uint8Array) => updates.push(update))
  for (let i = 0; i < count; i++) document.getText('t').insert(i, String.fromCharCode(97 + (i % 26)))
  return updates
}

function listOf(ranges: ClockRanges): readonly (readonly [number, number])[] {
  const list: [number, number][] = []
  ranges.forEach((start, end) => list.push([start, end]))
  return list
}

function rangesOf(clocks: ReadonlySet<number>): readonly (readonly [number, number])[] {
  const list: [number, number][] = []
  for (const clock of [...clocks].sort((a, b) => a - b)) {
    const last = list.at(-1)
    if (last !== undefined && last[1] === clock) last[1]++
    else list.push([clock, clock + 1])
  }
  return list
}
