import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { PendingUpdate } from '../../server/ports/store.ts'
import { decodeRun, encodeRun } from '../../server/store/run.ts'
import { packColumns, unpackColumns } from '../../server/store/segment-format.ts'

const author = fc.record({ user: fc.string({ unit: 'grapheme' }), name: fc.string({ unit: 'grapheme' }) })

/** Few authors, many lengths twice and more, times that go backwards as well: what makes the format work. */
const updates: fc.Arbitrary<PendingUpdate[]> = fc.array(author, { minLength: 1, maxLength: 4 }).chain((authors) =>
  fc.array(
    fc.record({
      bytes: fc.oneof(fc.uint8Array({ maxLength: 6 }), fc.uint8Array({ minLength: 120, maxLength: 140 })),
      author: fc.constantFrom(...authors),
      atMs: fc.oneof(fc.nat(), fc.integer({ min: 0, max: 2 ** 48 })),
    }),
    { minLength: 1, maxLength: 40 },
  ),
)

describe('a run of updates', () => {
  test('[RN1] is read back as it was written', () => {
    fc.assert(
      fc.property(updates, (written) => {
        expect(decodeRun(encodeRun(written), written.length)).toEqual(written)
      }),
    )
  })

  test('[RN2] is the same after packing and unpacking', () => {
    fc.assert(
      fc.property(updates, (written) => {
        const run = encodeRun(written)
        const unpacked = unpackColumns(packColumns(run, written.length), written.length)
        expect(Buffer.compare(run, unpacked)).toBe(0)
      }),
    )
  })

  test('[RN3] that is damaged is read or refused, never more and never for ever', () => {
    fc.assert(
      fc.property(updates, fc.nat(), fc.integer({ min: 1, max: 255 }), fc.nat(100), (written, at, flip, count) => {
        const run = encodeRun(written)
        const position = at % run.length
        run[position] = (run[position] ?? 0) ^ flip
        try {
          expect(decodeRun(run, count)).toHaveLength(count)
        } catch (thrown) {
          expect(thrown).toMatchObject({ name: 'SyncError' })
        }
      }),
    )
  })

  test('[RN4] of keystrokes packs to a tenth', () => {
    const keystrokes = Array.from({ length: 4_096 }, (_, i) => ({
      bytes: new Uint8Array([1, 1, 211, 9, i & 127, i >> 7, 196, 211, 9, i & 127, i >> 7, 1, 97 + ((i * i) % 26), 0]),
      author: { user: 'ann', name: 'Ann' },
      atMs: 1_700_000_000_000 + i,
    }))
    const run = encodeRun(keystrokes)
    expect(packColumns(run, keystrokes.length).length).toBeLessThan(run.length / 10)
  })
})
