/** The binding on two editors without a DOM, apart and together. */
import { deleteSelection, joinBackward, toggleMark } from 'prosemirror-commands'
import { Plugin } from 'prosemirror-state'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import * as Y from 'yjs'

import type { Block } from '../../shared/model/blocks.ts'
import { indentBy, setKind } from '../../web/editor/surface/block-commands.ts'
import { sliceOf } from '../../web/editor/surface/document.ts'
import { indexAt, positionAt } from '../../web/editor/surface/positions.ts'
import { schema } from '../../web/editor/surface/schema.ts'
import { enter, lineBreak } from '../../web/editor/surface/typing-commands.ts'
import { editorsWith, exchange, expectAgreement, pair, paragraph, TestEditor } from './binding-harness.ts'

describe('what is written', () => {
  /** The deltas that `act` makes in the body. */
  function written(editor: TestEditor, act: () => void): readonly unknown[] {
    const deltas: unknown[] = []
    const record = (event: Y.YTextEvent): void => void deltas.push(event.delta)
    editor.body.observe(record)
    act()
    editor.body.unobserve(record)
    return deltas
  }

  test('[DM5] a letter, a split and a join are one small change each', () => {
    const [alice] = pair('aaa', 'bbb')
    expect(written(alice, () => alice.select(0, 1).type('a'))).toEqual([[{ retain: 1 }, { insert: 'a' }]])
    expect(written(alice, () => alice.run(enter))).toEqual([[{ retain: 2 }, { insert: '\n' }]])
    expect(written(alice, () => alice.run(joinBackward))).toEqual([[{ retain: 2 }, { delete: 1 }]])
  })

  test('[DM5] a line break is U+2028', () => {
    const [alice] = pair('ab')
    expect(written(alice, () => alice.select(0, 1).run(lineBreak))).toEqual([[{ retain: 1 }, { insert: '\u2028' }]])
    expectAgreement(alice)
  })

  test('[DM1] what a text cannot hold is mended in the view', () => {
    const [alice, bob] = pair('ab')
    alice.select(0, 1)
    alice.dispatch(alice.state.tr.insertText('x\ny\ud800z'))
    exchange(alice, bob)
    expectAgreement(alice, bob)
    expect(alice.blocks).toEqual([paragraph('ax\u2028y\ufffdzb')])
  })

  test('[DM4] unknown attributes and embeds are shown as far as possible and never touched', () => {
    const source = new Y.Doc()
    const delta = [
      { insert: 'a', attributes: { math: 'x^2', bold: true } },
      { insert: { hologram: 1 } },
      { insert: 'b' },
      { insert: '\n', attributes: { callout: 'info', header: 2 } },
    ]
    source.getText('body').applyDelta(structuredClone(delta))
    const alice = new TestEditor(10, { update: Y.encodeStateAsUpdate(source) })
    expect(alice.body.toDelta()).toEqual(delta)
    alice
      .select(0, 3)
      .type('!')
      .run(setKind({ list: 'bullet' }))
    alice.select(0, 0).run(indentBy(1))
    expect(alice.body.toDelta()).toEqual([
      ...delta.slice(0, 2),
      { insert: 'b!' },
      { insert: '\n', attributes: { callout: 'info', list: 'bullet', indent: 1 } },
    ])
    expectAgreement(alice)
  })

  test('[DM4] an unknown embed is not written, not even when it is pasted', () => {
    const [alice] = pair('ab')
    const unknown = schema.node('embed', { value: { hologram: 1 } })
    alice.select(0, 1)
    alice.dispatch(alice.state.tr.replaceSelectionWith(unknown))
    expectAgreement(alice)
    expect(alice.body.toDelta()).toEqual([{ insert: 'ab\n' }])
  })

  test('[DM10] an editor that may not be edited refuses edits and follows the text', () => {
    const [alice, bob] = pair('ab')
    alice.isEditable = false
    alice.select(0, 1).type('x')
    bob.select(0, 2).type('c')
    exchange(alice, bob)
    expectAgreement(alice, bob)
    expect(alice.lines).toEqual(['abc'])
    expect(alice.undo()).toBe(false)
  })
})

describe('what others change', () => {
  test('[DM11] position = index + 1 + blocks before', () => {
    const [alice] = pair('ab', '', 'cd')
    const { doc } = alice.state
    expect([0, 2, 3, 4, 6].map((index) => positionAt(doc, index))).toEqual([1, 3, 5, 7, 9])
    expect([1, 3, 5, 7, 9].map((position) => indexAt(doc, position))).toEqual([0, 2, 3, 4, 6])
  })

  test('[DM11] a caret stays behind its letter when others write at it, and with its block when they write above', () => {
    const [alice, bob] = pair('one', 'two')
    alice.select(1, 3)
    bob.select(1, 3).type(' more')
    exchange(alice, bob)
    expect(alice.caret).toEqual([1, 3])
    alice.select(1, 0)
    bob.select(0, 3).run(enter)
    bob.type('between')
    exchange(alice, bob)
    expectAgreement(alice, bob)
    expect(alice.caret).toEqual([2, 0])
  })

  test('[DM11] marks chosen for the next letter survive a remote change', () => {
    const [alice, bob] = pair('one', 'two')
    alice.select(0, 3).run(toggleMark(schema.marks.bold))
    bob.select(1, 3).type('!')
    exchange(alice, bob)
    alice.type('x')
    expect(alice.blocks[0]?.content).toEqual([
      { insert: 'one', marks: {} },
      { insert: 'x', marks: { bold: true } },
    ])
  })

  test('[DM12] blocks that others did not change keep their node', () => {
    const [alice, bob] = pair('one', 'two', 'three')
    const [first, , third] = alice.state.doc.children
    bob.select(1, 0).run(setKind({ header: 1 }))
    bob.select(1, 3).type('!')
    exchange(alice, bob)
    expect(alice.state.doc.child(0)).toBe(first)
    expect(alice.state.doc.child(2)).toBe(third)
  })

  test('[DM12] joined blocks are what the last of them was: its "\\n" is the one that stays', () => {
    const [alice] = editorsWith([paragraph('one', { header: 1 }), paragraph('two', { list: 'bullet' })])
    alice?.body.delete(2, 2)
    expect(alice?.blocks).toEqual([paragraph('ontwo', { list: 'bullet' })])
  })

  test('[DM12] edits inside a transaction of the embedder reach the view once', () => {
    const [alice] = pair('ab')
    alice.doc.transact(() => {
      alice.body.insert(0, 'X')
      alice.select(0, 2).type('y')
      alice.body.insert(0, 'Z')
    }, 'embedder')
    expectAgreement(alice)
    for (const letter of 'XyZ') expect(alice.body.toString()).toContain(letter)
  })
})

describe('failures', () => {
  test('[DM13] an exception while a change comes in is reported, mended, and not passed to Yjs', () => {
    let fails = false
    const faulty = new Plugin({
      state: {
        init: () => null,
        apply: () => {
          if (!fails) return null
          fails = false
          throw new Error('faulty plugin')
        },
      },
    })
    const source = new Y.Doc()
    source.getText('body').insert(0, 'one\ntwo\n')
    const update = Y.encodeStateAsUpdate(source)
    const alice = new TestEditor(10, { update, plugins: [faulty] })
    const bob = new TestEditor(11, { update })
    const others = vi.fn()
    alice.body.observe(others)
    alice.select(1, 2)
    bob.select(0, 3).type('!')
    fails = true
    exchange(alice, bob)
    expect(alice.errors).toHaveLength(1)
    expect(others).toHaveBeenCalledOnce()
    expect(alice.lines).toEqual(['one!', 'two'])
    expect(alice.caret).toEqual([1, 2])
    alice.type('-')
    exchange(alice, bob)
    expect(bob.lines).toEqual(['one!', 'tw-o'])
  })
})

describe('undo', () => {
  beforeEach(() => vi.useFakeTimers())
  afterEach(() => vi.useRealTimers())

  test('[DM14] twenty letters typed while somebody else types are one step, and only one’s own', () => {
    const [alice, bob] = pair('alice: ', 'bob: ')
    alice.select(0, 7)
    bob.select(1, 5)
    for (const letter of 'twenty letters typed') {
      alice.type(letter)
      bob.type('b')
      exchange(alice, bob)
    }
    expect(alice.lines[0]).toBe('alice: twenty letters typed')
    alice.undo()
    exchange(alice, bob)
    expectAgreement(alice, bob)
    expect(alice.lines).toEqual(['alice: ', `bob: ${'b'.repeat(20)}`])
    expect(alice.undo()).toBe(false)
    alice.redo()
    expect(alice.lines[0]).toBe('alice: twenty letters typed')
  })

  test('[DM14] a jump of the selection and Enter begin a new step', () => {
    const [alice] = pair('one', 'two')
    alice.select(0, 3).type('A').select(1, 3).type('B')
    alice.run(enter)
    alice.type('C')
    const steps: string[] = []
    while (alice.undo()) steps.push(alice.lines.join('|'))
    expect(steps).toEqual(['oneA|twoB', 'oneA|two', 'one|two'])
  })

  test('[DM14] undo puts the selection back', () => {
    const [alice, bob] = pair('one two three')
    alice.select(0, 4, 0, 7).run(deleteSelection)
    alice.select(0, 0)
    bob.select(0, 0).type('>> ')
    exchange(alice, bob)
    alice.undo()
    expect(alice.lines).toEqual(['>> one two three'])
    expect([alice.state.selection.from, alice.state.selection.to]).toEqual([8, 11])
  })
})

describe('input methods', () => {
  beforeEach(() => vi.useFakeTimers())
  afterEach(() => vi.useRealTimers())

  test('[DM15] a change to the block being composed in waits; one elsewhere does not', () => {
    const [alice, bob] = pair('compose here', 'elsewhere')
    alice.select(0, 7).type('に')
    alice.view.composing = true
    bob.select(1, 9).type('!')
    exchange(alice, bob)
    bob.select(0, 13).type('?')
    exchange(alice, bob)
    expect(alice.lines).toEqual(['composeに here', 'elsewhere!'])
    alice.type('ほん')
    alice.view.composing = false
    alice.binding.release()
    exchange(alice, bob)
    expectAgreement(alice, bob)
    expect(alice.lines).toEqual(['composeにほん here?', 'elsewhere!'])
    expect(alice.caret).toEqual([0, 10])
  })

  test('[DM15] what waits comes in after a few seconds even if the composition goes on', () => {
    const [alice, bob] = pair('abc')
    alice.select(0, 3)
    alice.view.composing = true
    bob.select(0, 0).run(enter)
    bob.select(0, 0).type('above')
    exchange(alice, bob)
    alice.type('x')
    expect(alice.lines).toEqual(['abcx'])
    vi.advanceTimersByTime(3_000)
    exchange(alice, bob)
    expectAgreement(alice, bob)
    expect(alice.lines).toEqual(['above', 'abcx'])
  })

  test('[DM15] text composed where another deleted it is kept', () => {
    const [alice, bob] = pair('one', 'two', 'three')
    alice.select(1, 1)
    alice.view.composing = true
    alice.type('x')
    bob.select(0, 3, 2, 0).run(deleteSelection)
    exchange(alice, bob)
    alice.type('y')
    alice.view.composing = false
    alice.binding.release()
    exchange(alice, bob)
    expectAgreement(alice, bob)
    expect(alice.lines.join('|')).toContain('xy')
  })
})

test('[DM16] text copied as blocks and pasted gives the same blocks', () => {
  const [alice] = pair('')
  const blocks: readonly Block[] = [paragraph('title', { header: 1 }), paragraph('a', { list: 'ordered' })]
  alice.dispatch(alice.state.tr.replaceWith(0, 2, sliceOf(blocks).content))
  expectAgreement(alice)
  expect(alice.blocks).toEqual(blocks)
})
