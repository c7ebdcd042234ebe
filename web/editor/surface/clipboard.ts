/** Copying and pasting: blocks to HTML and text, and back. */
import { DOMParser, DOMSerializer, Fragment, Slice } from 'prosemirror-model'
import type { Node, ParseOptions, ResolvedPos } from 'prosemirror-model'
import { Plugin, TextSelection } from 'prosemirror-state'
import type { EditorState, Transaction } from 'prosemirror-state'

import type { BlockAttributes } from '../../../shared/model/attributes.ts'
import type { Block } from '../../../shared/model/blocks.ts'
import { LINE_BREAK } from '../../../shared/model/names.ts'
import { ownStep } from './block-commands.ts'
import { attributesOfNode, kindOf } from './block-dom.ts'
import { sliceOf } from './document.ts'
import { blocksOfHtml, withoutStyles } from './html-reader.ts'
import { writeHtml } from './html-writer.ts'
import { setBlockAttributes } from './pull.ts'
import { schema } from './schema.ts'

/** Clipboard handling as a plugin. */
export function clipboard(): Plugin {
  return new Plugin({
    props: {
      clipboardParser: new ClipboardParser(schema, []),
      clipboardSerializer: new ClipboardSerializer(
        DOMSerializer.nodesFromSchema(schema),
        DOMSerializer.marksFromSchema(schema),
      ),
      transformPastedHTML: withoutStyles,
      clipboardTextParser: textToSlice,
      clipboardTextSerializer: sliceToText,
      handlePaste: (view, _event, slice) => {
        if (slice.content.childCount === 0) return false
        view.dispatch(ownStep(pasted(view.state, slice)).setMeta('paste', true).scrollIntoView())
        return true
      },
    },
  })
}

/**
 * The selection replaced by `slice`: into an empty block it comes as it is; elsewhere its first block joins the block
 * the caret is in, and what follows the caret joins its last. In a listing everything becomes code.
 */
function pasted(state: EditorState, slice: Slice): Transaction {
  const { tr } = state
  if (!state.selection.empty) tr.deleteSelection()
  const { $from } = tr.selection
  const target = attributesOfNode($from.parent)
  const isIntoCode = kindOf(target) === 'code'
  const isIntoEmpty = !isIntoCode && $from.parent.content.size === 0
  const blocks = isIntoCode ? asCode(slice.content, target) : slice.content
  const start = $from.before()
  const first = blocks.firstChild
  tr.replace($from.pos, $from.pos, new Slice(blocks, 1, 1))
  if (isIntoEmpty && first !== null && (blocks.childCount > 1 || hasKind(first))) {
    setBlockAttributes(tr, start, attributesOfNode(first))
  }
  const caret = blocks.childCount === 1 ? $from.pos + blocks.size - 2 : endOfInserted(tr, start, blocks)
  return tr.setSelection(TextSelection.create(tr.doc, caret))
}

/** Reads pasted HTML with our own reader; the schema's rules are for what browsers make while typing. */
class ClipboardParser extends DOMParser {
  override parseSlice(dom: HTMLElement, options: ParseOptions = {}): Slice {
    return sliceOf(blocksOfHtml(dom, options.preserveWhitespace === true))
  }
}

class ClipboardSerializer extends DOMSerializer {
  override serializeFragment(
    fragment: Fragment,
    options: { document?: Document } = {},
    target?: HTMLElement | DocumentFragment,
  ): HTMLElement | DocumentFragment {
    if (fragment.firstChild?.type !== schema.nodes.block) return super.serializeFragment(fragment, options, target)
    const page = options.document ?? document
    const place = target ?? page.createDocumentFragment()
    writeHtml(fragment.content, place, page, (block, element) =>
      super.serializeFragment(block.content, options, element),
    )
    return place
  }
}

/** One block for each line; in a listing they are lines of code. */
function textToSlice(text: string, $context: ResolvedPos): Slice {
  const context = attributesOfNode($context.parent)
  const attributes: BlockAttributes = kindOf(context) === 'code' ? context : {}
  const blocks = text
    .split(/\r\n?|\n/u)
    .map((line): Block => ({ attributes, content: line === '' ? [] : [{ insert: line, marks: {} }] }))
  return sliceOf(blocks)
}

function sliceToText(slice: Slice): string {
  return slice.content.textBetween(0, slice.content.size, '\n', embedText).replaceAll(LINE_BREAK, '\n')
}

function embedText(node: Node): string {
  const value: unknown = node.attrs['value']
  if (node.type === schema.nodes.hardBreak) return '\n'
  if (typeof value !== 'object' || value === null || !('mention' in value)) return ''
  const { mention } = value
  return typeof mention === 'object' && mention !== null && 'name' in mention ? `@${String(mention.name)}` : ''
}

function asCode(content: Fragment, attributes: BlockAttributes): Fragment {
  const lines = sliceToText(new Slice(content, 0, 0)).split('\n')
  const nodes = lines.map((line) => schema.node('block', { ...attributes }, line === '' ? [] : [schema.text(line)]))
  return Fragment.fromArray(nodes)
}

function hasKind(block: Node): boolean {
  return Object.keys(attributesOfNode(block)).length > 0
}

/** Where what was pasted ends, in the last of its blocks. */
function endOfInserted(tr: Transaction, start: number, blocks: Fragment): number {
  let position = start
  for (let index = 0; index < blocks.childCount - 1; index++) position += tr.doc.nodeAt(position)?.nodeSize ?? 0
  return position + 1 + (blocks.lastChild?.content.size ?? 0)
}
