/**
 * The ProseMirror schema: one kind of block, marks, and one-position objects in the text.
 *
 * A heading, list item, task, quote or line of code is a `block` with attributes, never another node type: changing
 * what a block is must not replace it, or what somebody else types in it would be lost. Attribute and mark names are
 * those of the stored format.
 */
import { Schema } from 'prosemirror-model'
import type { AttributeSpec, MarkSpec, NodeSpec } from 'prosemirror-model'

import { BLOCK_ATTRIBUTE_NAMES, knownEmbed, MARK_NAMES, safeColor, safeLink } from '../../../shared/model/attributes.ts'
import type { MarkName } from '../../../shared/model/attributes.ts'
import { LINE_BREAK } from '../../../shared/model/names.ts'
import { attributesOfElement, renderBlock } from './block-dom.ts'

const absent: AttributeSpec = { default: null }

const block: NodeSpec = {
  content: 'inline*',
  attrs: Object.fromEntries(BLOCK_ATTRIBUTE_NAMES.map((name) => [name, absent])),
  toDOM: renderBlock,
  // For blocks that a browser makes by itself while typing; pasted HTML has its own reader.
  parseDOM: [{ tag: 'p,div,li,h1,h2,h3,h4,h5,h6,pre,blockquote', getAttrs: attributesOfElement }],
}

const hardBreak: NodeSpec = {
  inline: true,
  group: 'inline',
  selectable: false,
  leafText: () => LINE_BREAK,
  toDOM: () => ['br'],
  parseDOM: [{ tag: 'br' }],
}

/** Any embed, known or not; `value` is the stored object. */
const embed: NodeSpec = {
  inline: true,
  group: 'inline',
  atom: true,
  draggable: true,
  attrs: { value: {} },
  toDOM: (node) => {
    const known = knownEmbed(node.attrs['value'])
    if (known === null) return ['span', { class: 'weft-unknown', title: 'Made by a newer version' }, '\u25a8']
    if ('divider' in known) return ['span', { class: 'weft-divider', role: 'separator' }]
    if ('image' in known)
      return ['img', { class: 'weft-image', src: known.image, alt: '', referrerpolicy: 'no-referrer' }]
    if ('mention' in known)
      return ['span', { class: 'weft-mention', 'data-id': known.mention.id }, `@${known.mention.name}`]
    return ['span', { class: 'weft-unknown', title: 'Table' }, '\u25a6']
  },
}

const markSpecs: { readonly [Name in MarkName]: MarkSpec } = {
  bold: simpleMark('strong', 'strong,b'),
  italic: simpleMark('em', 'em,i'),
  underline: simpleMark('u', 'u,ins'),
  strike: simpleMark('s', 's,del,strike'),
  code: { ...simpleMark('code', 'code'), code: true },
  link: {
    attrs: { value: {} },
    inclusive: false,
    toDOM: (mark) => [
      'a',
      { href: String(mark.attrs['value']), rel: 'noopener noreferrer nofollow', target: '_blank' },
      0,
    ],
    parseDOM: [{ tag: 'a[href]', getAttrs: (element) => valueOrNone(safeLink(element.getAttribute('href'))) }],
  },
  color: styleMark('color'),
  background: styleMark('background-color'),
  script: {
    attrs: { value: {} },
    toDOM: (mark) => [mark.attrs['value'] === 'sub' ? 'sub' : 'sup', 0],
    parseDOM: [
      { tag: 'sub', attrs: { value: 'sub' } },
      { tag: 'sup', attrs: { value: 'super' } },
    ],
  },
}

/** The schema. `block`, `hardBreak` and `embed` are its node types besides `doc` and `text`. */
export const schema = new Schema({
  nodes: { doc: { content: 'block+' }, block, text: { group: 'inline' }, hardBreak, embed },
  // Innermost last; ProseMirror's rank and so the order of marks follows it.
  marks: Object.fromEntries([...MARK_NAMES].map((name) => [name, markSpecs[name]])) as Record<MarkName, MarkSpec>,
})

function simpleMark(element: string, tags: string): MarkSpec {
  return { toDOM: () => [element, 0], parseDOM: [{ tag: tags }] }
}

/** ProseMirror writes `style` through the CSSOM, which a strict content security policy allows. */
function styleMark(property: 'color' | 'background-color'): MarkSpec {
  return {
    attrs: { value: {} },
    toDOM: (mark) => ['span', { style: `${property}: ${safeColor(mark.attrs['value']) ?? 'inherit'}` }, 0],
  }
}

function valueOrNone(value: string | null): { readonly value: string } | false {
  return value === null ? false : { value }
}
