/** Blocks as the HTML other programs expect: real nested lists, one quote, one listing. */
import type { Node } from 'prosemirror-model'

import type { BlockAttributes } from '../../../shared/model/attributes.ts'
import { attributesOfNode, kindOf } from './block-dom.ts'
import { isDivider } from './block-commands.ts'

/** Writes the text of a block into an element. */
export type WriteText = (block: Node, element: HTMLElement) => void

/** Appends the HTML for `blocks` to `place`. */
export function writeHtml(
  blocks: readonly Node[],
  place: HTMLElement | DocumentFragment,
  page: Document,
  writeText: WriteText,
): void {
  const make = (tag: string, parent: ParentNode): HTMLElement => {
    const element = page.createElement(tag)
    parent.append(element)
    return element
  }
  /** The lists that are open, outermost first, and what was written last outside of lists. */
  let lists: HTMLElement[] = []
  let last: HTMLElement | null = null
  for (const block of blocks) {
    const attributes = attributesOfNode(block)
    const kind = kindOf(attributes)
    if (kind === 'list' || kind === 'task') {
      lists = openLists(lists, attributes, place, make)
      writeText(block, item(make('li', lists.at(-1) ?? place), attributes, page))
      last = null
      continue
    }
    lists = []
    if (kind === 'code' && last?.tagName === 'PRE') {
      last.firstElementChild?.append('\n')
      if (last.firstElementChild !== null) writeText(block, last.firstElementChild as HTMLElement)
      continue
    }
    if (isDivider(block)) {
      last = make('hr', place)
      continue
    }
    let quote: HTMLElement | null = null
    if (kind === 'quote') quote = last?.tagName === 'BLOCKQUOTE' ? last : make('blockquote', place)
    const element = make(tagOf(attributes), quote ?? place)
    last = quote ?? element
    describe(element, attributes)
    writeText(block, kind === 'code' ? make('code', element) : element)
  }
}

function tagOf(attributes: BlockAttributes): string {
  const kind = kindOf(attributes)
  if (kind === 'heading') return `h${attributes.header}`
  return kind === 'code' ? 'pre' : 'p'
}

/** The lists an item at its indent stands in: those that are open as far as they fit, and new ones. */
function openLists(
  open: readonly HTMLElement[],
  { list, indent = 0 }: BlockAttributes,
  place: ParentNode,
  make: (tag: string, parent: ParentNode) => HTMLElement,
): HTMLElement[] {
  const tag = list === 'ordered' ? 'ol' : 'ul'
  const lists = open.slice(0, indent + 1)
  if (lists.length === indent + 1 && lists.at(-1)?.tagName.toLowerCase() !== tag) lists.pop()
  while (lists.length <= indent) {
    const outer = lists.at(-1)
    // A list directly in a list is not valid: it belongs into the item before it.
    const parent = outer === undefined ? place : (outer.lastElementChild ?? make('li', outer))
    lists.push(make(tag, parent))
  }
  return lists
}

function item(element: HTMLElement, attributes: BlockAttributes, page: Document): HTMLElement {
  describe(element, attributes)
  if (kindOf(attributes) !== 'task') return element
  const box = page.createElement('input')
  box.setAttribute('type', 'checkbox')
  if (attributes.list === 'checked') box.setAttribute('checked', '')
  element.append(box)
  return element
}

function describe(element: HTMLElement, attributes: BlockAttributes): void {
  const language = attributes['code-block']
  if (attributes.direction !== undefined) element.setAttribute('dir', attributes.direction)
  if (attributes.align !== undefined) element.style.setProperty('text-align', attributes.align)
  if (typeof language === 'string') element.setAttribute('data-language', language)
  if (attributes.indent !== undefined && attributes.list === undefined) {
    element.setAttribute('data-indent', String(attributes.indent))
  }
}
