/** Markdown as one types it: what is written at the start of a block, or around words, becomes formatting. */
import { InputRule, inputRules } from 'prosemirror-inputrules'
import { TextSelection } from 'prosemirror-state'
import type { EditorState, Plugin, Transaction } from 'prosemirror-state'

import { blockAttributes } from '../../../shared/model/attributes.ts'
import type { BlockAttributes, MarkName } from '../../../shared/model/attributes.ts'
import { ownStep, withKind } from './block-commands.ts'
import type { Kind } from './block-commands.ts'
import { attributesOfNode, kindOf } from './block-dom.ts'
import { emptyBlock } from './document.ts'
import { setBlockAttributes } from './pull.ts'
import { schema } from './schema.ts'

/** The rules as a plugin. Backspace right after one takes it back. */
export function markdownRules(): Plugin {
  return inputRules({
    rules: [
      blockRule(/^(#{1,6})\s$/u, ([, hashes]) => ({ header: hashes?.length })),
      blockRule(/^[-*+]\s$/u, () => ({ list: 'bullet' })),
      blockRule(/^1[.)]\s$/u, () => ({ list: 'ordered' })),
      blockRule(/^\[ ?\]\s$/u, () => ({ list: 'unchecked' })),
      blockRule(/^\[[xX]\]\s$/u, () => ({ list: 'checked' })),
      blockRule(/^>\s$/u, () => ({ blockquote: true })),
      blockRule(/^```([\w+#.-]*)\s$/u, ([, language]) => ({ 'code-block': language || true })),
      new InputRule(/^(?:---|\u2014-)$/u, divider),
      markRule(/(?<![\w*])\*\*([^*\s](?:[^*]*[^*\s])?)\*\*$/u, 'bold'),
      markRule(/(?<![\w*])\*([^*\s](?:[^*]*[^*\s])?)\*$/u, 'italic'),
      markRule(/(?<![\w_])__([^_\s](?:[^_]*[^_\s])?)__$/u, 'bold'),
      markRule(/(?<![\w_])_([^_\s](?:[^_]*[^_\s])?)_$/u, 'italic'),
      markRule(/(?<!`)`([^`]+)`$/u, 'code'),
      markRule(/(?<!~)~~([^~\s](?:[^~]*[^~\s])?)~~$/u, 'strike'),
    ],
  })
}

function blockRule(pattern: RegExp, kind: (match: RegExpMatchArray) => Readonly<Record<string, unknown>>): InputRule {
  return new InputRule(pattern, (state, match, start, end) => {
    const wanted: Kind = blockAttributes(kind(match))
    const attributes = attributesAt(state, start)
    const isTask = wanted.list === 'checked' || wanted.list === 'unchecked'
    const takes = kindOf(attributes) === 'paragraph' || (kindOf(attributes) === 'list' && isTask)
    if (!takes || Object.keys(wanted).length === 0) return null
    const { tr } = state
    tr.delete(start, end)
    setBlockAttributes(tr, state.doc.resolve(start).before(), withKind(attributes, wanted))
    return ownStep(tr)
  })
}

function divider(state: EditorState, _match: RegExpMatchArray, start: number, end: number): Transaction | null {
  const $start = state.doc.resolve(start)
  if (kindOf(attributesAt(state, start)) !== 'paragraph' || end !== $start.end()) return null
  const { tr } = state
  const rule = schema.node('block', null, schema.node('embed', { value: { divider: true } }))
  tr.replaceWith($start.before(), $start.after(), [rule, emptyBlock()])
  tr.setSelection(TextSelection.create(tr.doc, $start.before() + rule.nodeSize + 1))
  return ownStep(tr)
}

function markRule(pattern: RegExp, name: MarkName): InputRule {
  const handler = (state: EditorState, match: RegExpMatchArray, start: number, end: number): Transaction | null => {
    const [all, text] = match
    if (text === undefined || kindOf(attributesAt(state, start)) === 'code') return null
    const width = all.indexOf(text)
    // The last character of the closing sign is only being typed: it is not in the document.
    const textStart = start + width
    const textEnd = textStart + text.length
    const { tr } = state
    if (end > textEnd) tr.delete(textEnd, end)
    tr.delete(start, textStart)
    tr.addMark(start, start + text.length, schema.marks[name].create())
    return ownStep(tr.removeStoredMark(schema.marks[name]))
  }
  return new InputRule(pattern, handler, { inCodeMark: false })
}

function attributesAt(state: EditorState, position: number): BlockAttributes {
  return attributesOfNode(state.doc.resolve(position).parent)
}
