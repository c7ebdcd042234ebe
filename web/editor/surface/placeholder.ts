/** The hint in an empty document. */
import { Plugin } from 'prosemirror-state'
import type { EditorState } from 'prosemirror-state'
import { Decoration, DecorationSet } from 'prosemirror-view'

import { attributesOfNode, kindOf } from './block-dom.ts'

/** Whether nothing is written: one plain paragraph without content. */
export function isBlank({ doc }: EditorState): boolean {
  const only = doc.childCount === 1 ? doc.firstChild : null
  return only !== null && only.content.size === 0 && kindOf(attributesOfNode(only)) === 'paragraph'
}

/** Shows `text` while the document is empty. */
export function placeholder(text: string): Plugin {
  return new Plugin({
    props: {
      attributes: (state) => (isBlank(state) ? { 'aria-placeholder': text } : {}),
      decorations: (state) => {
        const { doc } = state
        if (!isBlank(state)) return DecorationSet.empty
        return DecorationSet.create(doc, [Decoration.node(0, doc.content.size, { 'data-placeholder': text })])
      },
    },
  })
}
