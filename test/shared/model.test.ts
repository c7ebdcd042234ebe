import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'

import { blockAttributes, knownEmbed, marks, safeColor, safeLink } from '../../shared/model/attributes.ts'
import { parse, serialize } from '../../shared/model/blocks.ts'
import type { Block } from '../../shared/model/blocks.ts'
import { transform } from '../../shared/model/delta.ts'
import type { Delta } from '../../shared/model/delta.ts'
import { diff } from '../../shared/model/diff.ts'
import { blocks } from './model-arbitrary.ts'

/** A new text that holds `delta`. */
function textOf(delta: Delta): Y.Text {
  const text = new Y.Doc().getText('body')
  apply(text, delta)
  return text
}

function apply(text: Y.Text, delta: Delta): void {
  text.applyDelta(delta.map((op) => structuredClone(op)))
}

function plain(text: string): Block {
  return { attributes: {}, content: text === '' ? [] : [{ insert: text, marks: {} }] }
}

function closed(...list: readonly Block[]): { readonly blocks: readonly Block[]; readonly isClosed: boolean } {
  return { blocks: list, isClosed: true }
}

describe('reading and writing', () => {
  test('[DM2] what is serialized parses to the same blocks', () => {
    fc.assert(
      fc.property(blocks, (list) => {
        expect(parse(serialize(list))).toEqual({ blocks: list, isClosed: true })
      }),
      { numRuns: 500 },
    )
  })

  test('[DM2] what went through a Y.Text parses to the same blocks', () => {
    fc.assert(
      fc.property(blocks, (list) => {
        expect(parse(textOf(serialize(list)).toDelta())).toEqual({ blocks: list, isClosed: true })
      }),
      { numRuns: 500 },
    )
  })

  test('[DM3] an empty body reads as one empty paragraph', () => {
    expect(parse([])).toEqual({ blocks: [plain('')], isClosed: false })
  })

  test('[DM3] a body without its last "\\n" reads as though it had one', () => {
    expect(parse([{ insert: 'a\nb' }])).toEqual({ blocks: [plain('a'), plain('b')], isClosed: false })
    expect(parse([{ insert: 'a\nb\n' }])).toEqual({ blocks: [plain('a'), plain('b')], isClosed: true })
    expect(parse([{ insert: '\n' }])).toEqual({ blocks: [plain('')], isClosed: true })
  })

  test('[DM4] unknown and illegal attributes are not read', () => {
    expect(blockAttributes({ header: 7, list: 'toggle', indent: 9, callout: 'info', align: 'center' })).toEqual({
      align: 'center',
    })
    expect(marks({ bold: 'yes', link: 'javascript:alert(1)', math: 'x^2', italic: true })).toEqual({ italic: true })
  })

  test.each([
    ['https://a.example', true],
    ['HTTP://A.EXAMPLE', true],
    ['mailto:a@b.example', true],
    ['javascript:alert(1)', false],
    [' javascript:alert(1)', false],
    ['java\nscript:alert(1)', false],
    ['data:text/html,x', false],
    ['//a.example', false],
    ['https://a.example/ x', false],
    ['', false],
    [7, false],
  ])('[DM4] a link is http, https or mailto: %j', (address, isLegal) => {
    expect(safeLink(address)).toBe(isLegal ? address : null)
  })

  test('[DM4] a colour can do nothing but colour', () => {
    expect(safeColor('#b4351f')).toBe('#b4351f')
    expect(safeColor('url(https://spy.example)')).toBeNull()
    expect(safeColor('red; position: fixed')).toBeNull()
  })

  test('[DM4] an embed of another kind, or with an illegal value, is unknown', () => {
    expect(knownEmbed({ divider: true })).toEqual({ divider: true })
    expect(knownEmbed({ image: 'javascript:x' })).toBeNull()
    expect(knownEmbed({ video: 'https://a.example' })).toBeNull()
    expect(knownEmbed({ divider: true, extra: 1 })).toBeNull()
  })
})

describe('the smallest change', () => {
  test('[DM5] the difference turns the one into the other', () => {
    fc.assert(
      fc.property(blocks, blocks, fc.nat(30), (before, after, from) => {
        const text = textOf(serialize(before))
        apply(text, diff(closed(...before), closed(...after), { from }))
        expect(parse(text.toDelta())).toEqual({ blocks: after, isClosed: true })
      }),
      { numRuns: 1_000 },
    )
  })

  test('[DM5] no change cuts a surrogate pair', () => {
    const character = fc.constantFrom('\u{1f600}', '\u{1f601}', '\u{1f9d1}', '\u{10000}', 'a', '\ufffd')
    const line = fc.string({ unit: character, maxLength: 20 }).map(plain)
    const lines = fc.array(line, { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(lines, lines, fc.nat(20), (before, after, from) => {
        const text = textOf(serialize(before)).toString()
        let index = 0
        for (const op of diff(closed(...before), closed(...after), { from })) {
          expect(text.slice(0, index).isWellFormed()).toBe(true)
          if ('insert' in op) expect(op).toMatchObject({ insert: expect.stringMatching(/^\P{Surrogate}*$/u) })
          else index += 'retain' in op ? op.retain : op.delete
        }
      }),
      { numRuns: 2_000 },
    )
  })

  test('[DM5] equal blocks make no change', () => {
    fc.assert(
      fc.property(blocks, (list) => {
        expect(diff(closed(...list), closed(...list))).toEqual([])
      }),
    )
  })

  test('[DM5] one letter is one insertion, where the caret was', () => {
    expect(diff(closed(plain('aaa')), closed(plain('aaaa')), { from: 1 })).toEqual([{ retain: 1 }, { insert: 'a' }])
    expect(diff(closed(plain('aaa')), closed(plain('aa')), { from: 1 })).toEqual([{ retain: 1 }, { delete: 1 }])
  })

  test('[DM6] another kind of block is a format of its "\\n"', () => {
    const change = diff(closed(plain('title')), closed({ ...plain('title'), attributes: { header: 1 } }))
    expect(change).toEqual([{ retain: 5 }, { retain: 1, attributes: { header: 1 } }])
  })

  test('[DM6] an attribute that goes is set to null', () => {
    const change = diff(closed({ ...plain('x'), attributes: { list: 'bullet', indent: 2 } }), closed(plain('x')))
    expect(change).toEqual([{ retain: 1 }, { retain: 1, attributes: { list: null, indent: null } }])
  })

  test('[DM6] a new block after the caret comes after the end of its block', () => {
    const change = diff(closed(plain('a'), plain('b')), closed(plain('a'), plain(''), plain('b')), { from: 1 })
    expect(change).toEqual([{ retain: 2 }, { insert: '\n' }])
  })

  test('[DM7] the last "\\n" stays', () => {
    const heading: Block = { attributes: { header: 1 }, content: plain('a').content }
    expect(diff(closed(heading, plain('b')), closed(heading))).toEqual([
      { retain: 1 },
      { delete: 2 },
      { retain: 1, attributes: { header: 1 } },
    ])
    expect(diff(closed(heading), closed(plain('')))).toEqual([
      { delete: 1 },
      { retain: 1, attributes: { header: null } },
    ])
  })

  test('[DM7] only the last "\\n" of the text is kept so, not that of blocks in its middle', () => {
    const before = closed({ ...plain(''), attributes: { 'code-block': true } }, plain('\u{1f601}'))
    const change = diff(before, { blocks: [], isClosed: true }, { isEndOfText: false })
    expect(change).toEqual([{ delete: 4 }])
  })

  test('[DM7] text written after an end that carried attributes does not inherit them', () => {
    const text = textOf([{ insert: 'a' }, { insert: '\n', attributes: { header: 1 } }])
    text.delete(1, 1)
    const after = closed(plain('a'), plain('b'))
    apply(text, diff({ blocks: [plain('a')], isClosed: false }, after))
    expect(parse(text.toDelta())).toEqual(after)
  })

  test('[DM5] a large text is compared without hanging', () => {
    const lines = (seed: number): Block[] =>
      Array.from({ length: 2_000 }, (_, index) => plain(`line ${(index * seed) % 977} of ${seed}`))
    const before = lines(3)
    const after = lines(7)
    const text = textOf(serialize(before))
    apply(text, diff(closed(...before), closed(...after)))
    expect(parse(text.toDelta()).blocks).toEqual(after)
  })
})

describe('moving a change over another', () => {
  test('[DM8] nothing that either side wrote is lost', () => {
    const line = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 8 }).map(plain)
    fc.assert(
      fc.property(line, line, line, (start, mine, theirs) => {
        const my = diff(closed(start), closed(mine))
        const their = diff(closed(start), closed(theirs))
        const text = textOf(serialize([start]))
        apply(text, their)
        apply(text, transform(my, their))
        const kept = text.toString()
        for (const op of [...my, ...their]) if ('insert' in op) expect(kept).toContain(op.insert)
      }),
      { numRuns: 500 },
    )
  })

  test('[DM8] text deleted on one side is not deleted twice, and formats follow their text', () => {
    const their: Delta = [{ retain: 1 }, { insert: 'XY' }, { delete: 1 }]
    const mine: Delta = [{ delete: 2 }, { retain: 1, attributes: { bold: true } }]
    expect(transform(mine, their)).toEqual([{ delete: 1 }, { retain: 2 }, { retain: 1, attributes: { bold: true } }])
  })
})
