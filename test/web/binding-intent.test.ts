/** What each of two people meant, when both edited apart: the intent table, and the end of the text. */
import { deleteSelection, joinBackward, toggleMark } from 'prosemirror-commands'
import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'

import type { BlockAttributes } from '../../shared/model/attributes.ts'
import type { Block } from '../../shared/model/blocks.ts'
import { indentBy, setKind } from '../../web/editor/surface/block-commands.ts'
import { schema } from '../../web/editor/surface/schema.ts'
import { backspaceAtStart, enter } from '../../web/editor/surface/typing-commands.ts'
import { editorsWith, exchange, expectAgreement, pair, paragraph, TestEditor } from './binding-harness.ts'

/** Alice types " typed" into the second paragraph while Bob, apart, does something; what both then have. */
function whileTyping(bobDoes: (bob: TestEditor) => void): readonly Block[] {
  const [alice, bob] = pair('first', 'second one', 'third')
  alice.select(1, 6).type(' typed')
  bobDoes(bob)
  exchange(alice, bob)
  expectAgreement(alice, bob)
  return alice.blocks
}

function textsOf(blocks: readonly Block[]): readonly string[] {
  return blocks.map(({ content }) => content.map(({ insert }) => (typeof insert === 'string' ? insert : '*')).join(''))
}

describe('the intent table: one types in a paragraph while another, apart, …', () => {
  const kinds: readonly (readonly [string, BlockAttributes])[] = [
    ['makes it a heading', { header: 2 }],
    ['makes it a bulleted list', { list: 'bullet' }],
    ['makes it a task', { list: 'unchecked' }],
    ['makes it code', { 'code-block': true }],
    ['makes it a quote', { blockquote: true }],
  ]
  test.each(kinds)('[DM9] … %s: kept', (_title, kind) => {
    const blocks = whileTyping((bob) => bob.select(1, 2).run(setKind(kind)))
    expect(textsOf(blocks)).toEqual(['first', 'second typed one', 'third'])
    expect(blocks[1]?.attributes).toEqual(kind)
  })

  test('[DM9] … indents it: kept', () => {
    const blocks = whileTyping((bob) => bob.select(1, 2).run(indentBy(1)))
    expect(textsOf(blocks)).toEqual(['first', 'second typed one', 'third'])
    expect(blocks[1]?.attributes).toEqual({ indent: 1 })
  })

  test('[DM9] … lifts it out of a list: kept', () => {
    const [alice, bob] = editorsWith([paragraph('item', { list: 'bullet', indent: 1 })]) as [TestEditor, TestEditor]
    alice.select(0, 4).type(' typed')
    bob.select(0, 0).run(backspaceAtStart)
    exchange(alice, bob)
    expectAgreement(alice, bob)
    expect(alice.blocks).toEqual([paragraph('item typed')])
  })

  test('[DM9] … joins it with the previous one: kept', () => {
    const blocks = whileTyping((bob) => bob.select(1, 0).run(joinBackward))
    expect(textsOf(blocks)).toEqual(['firstsecond typed one', 'third'])
  })

  test('[DM9] … splits it before the typed place: kept, in place', () => {
    const blocks = whileTyping((bob) => bob.select(1, 3).run(enter))
    expect(textsOf(blocks)).toEqual(['first', 'sec', 'ond typed one', 'third'])
  })

  test('[DM9] … splits it after the typed place: kept, in place', () => {
    const blocks = whileTyping((bob) => bob.select(1, 8).run(enter))
    expect(textsOf(blocks)).toEqual(['first', 'second typed o', 'ne', 'third'])
  })

  test('[DM9] … moves a block past it: kept', () => {
    const blocks = whileTyping((bob) => {
      const { tr, doc } = bob.state
      const first = doc.child(0)
      tr.delete(0, first.nodeSize)
      bob.dispatch(tr.insert(tr.doc.content.size, first))
    })
    expect(textsOf(blocks)).toEqual(['second typed one', 'third', 'first'])
  })

  test('[DM9] … makes it bold: kept', () => {
    const blocks = whileTyping((bob) => bob.select(1, 0, 1, 10).run(toggleMark(schema.marks.bold)))
    expect(textsOf(blocks)).toEqual(['first', 'second typed one', 'third'])
    expect(blocks[1]?.content).toEqual([{ insert: 'second typed one', marks: { bold: true } }])
  })

  test('[DM9] … replaces a selection around the typed place: kept', () => {
    const blocks = whileTyping((bob) => {
      bob.select(1, 2, 1, 9)
      bob.dispatch(bob.state.tr.insertText('XYZ'))
    })
    expect(textsOf(blocks)[1]).toContain(' typed')
  })

  test('[DM9] … deletes it: kept', () => {
    const blocks = whileTyping((bob) => bob.select(1, 0, 2, 0).run(deleteSelection))
    expect(textsOf(blocks)).toEqual(['first', ' typedthird'])
  })
})

describe('the end of the text', () => {
  test('[DM3] opening an empty document writes nothing', () => {
    const [alice] = editorsWith([])
    expect(alice?.lines).toEqual([''])
    expect(Y.encodeStateAsUpdate(alice?.doc ?? new Y.Doc())).toEqual(Y.encodeStateAsUpdate(new Y.Doc()))
  })

  test('[DM3] two people who start a document at once get two paragraphs', () => {
    const [alice, bob] = editorsWith([]) as [TestEditor, TestEditor]
    alice.type('hello')
    bob.type('world')
    exchange(alice, bob)
    expectAgreement(alice, bob)
    expect(alice.lines.toSorted()).toEqual(['hello', 'world'])
    expect(alice.body.toString()).toMatch(/^\w+\n\w+\n$/u)
  })

  test('[DM3] the first text brings its "\\n", the second does not', () => {
    const [alice] = editorsWith([])
    alice?.type('ab')
    expect(alice?.body.toDelta()).toEqual([{ insert: 'ab\n' }])
  })

  test('[DM17] the first edit says which version of the format it is in', () => {
    const [alice] = editorsWith([])
    expect(alice?.doc.getMap('meta').toJSON()).toEqual({})
    alice?.type('a')
    expect(alice?.doc.getMap('meta').toJSON()).toEqual({ schema: 1 })
  })

  test('[DM3] typing into a text that another program left without its last "\\n" does not add it', () => {
    const source = new Y.Doc()
    source.getText('body').insert(0, 'one\ntwo')
    const update = Y.encodeStateAsUpdate(source)
    const [alice, bob] = [new TestEditor(10, { update }), new TestEditor(11, { update })]
    alice.select(1, 3).type('!')
    bob.select(1, 0).type('~')
    exchange(alice, bob)
    expectAgreement(alice, bob)
    expect(alice.body.toString()).toBe('one\n~two!')
    alice.select(1, 5).run(enter)
    expectAgreement(alice)
    expect(alice.body.toString()).toBe('one\n~two!\n\n')
    expect(alice.lines).toEqual(['one', '~two!', ''])
  })

  test('[DM7] what is typed after everything was deleted has no format of what was', () => {
    const [alice, bob] = editorsWith([paragraph('title', { header: 1 }), paragraph('item', { list: 'bullet' })]) as [
      TestEditor,
      TestEditor,
    ]
    alice.selectAll().run(deleteSelection)
    alice.run(setKind({}))
    alice.type('plain').run(enter)
    alice.type('too')
    exchange(alice, bob)
    expectAgreement(alice, bob)
    expect(bob.blocks).toEqual([paragraph('plain'), paragraph('too')])
  })

  test('[DM6] both may press Enter at the end of the last block and write on', () => {
    const [alice, bob] = pair('list:')
    alice.select(0, 5).run(enter)
    alice.type('alice')
    bob.select(0, 5).run(enter)
    bob.type('bob')
    exchange(alice, bob)
    expectAgreement(alice, bob)
    expect(alice.lines[0]).toBe('list:')
    expect(alice.lines.toSorted()).toEqual(['alice', 'bob', 'list:'])
  })
})
