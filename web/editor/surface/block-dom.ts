/**
 * How a block looks as HTML, and what HTML says about a block.
 *
 * Each list item is a list of its own: blocks are siblings, whatever they are, so nothing has to be rebuilt around
 * them when one changes its kind. Numbers and nesting are CSS counters and indents; see content-css.ts.
 */
import type { DOMOutputSpec, Node } from 'prosemirror-model'

import { blockAttributes } from '../../../shared/model/attributes.ts'
import type { BlockAttributes } from '../../../shared/model/attributes.ts'

/** Marks the box of a task, so that a click on it can be told from a click on the text. */
export const TASK_BOX_CLASS = 'weft-task-box'

/** What kind of block `attributes` make; where concurrent edits left several kinds, the first of these wins. */
export function kindOf(attributes: BlockAttributes): 'code' | 'list' | 'task' | 'heading' | 'quote' | 'paragraph' {
  if (attributes['code-block'] !== undefined) return 'code'
  if (attributes.list === 'checked' || attributes.list === 'unchecked') return 'task'
  if (attributes.list !== undefined) return 'list'
  if (attributes.header !== undefined) return 'heading'
  return attributes.blockquote === true ? 'quote' : 'paragraph'
}

/** The attributes of a block node that are set. */
export function attributesOfNode(node: Node): BlockAttributes {
  return blockAttributes(node.attrs)
}

/** `toDOM` of a block. */
export function renderBlock(node: Node): DOMOutputSpec {
  const attributes = attributesOfNode(node)
  const outer: Record<string, string> = { dir: attributes.direction ?? 'auto' }
  if (attributes.align !== undefined) outer['data-align'] = attributes.align
  if (attributes.indent !== undefined) outer['data-indent'] = String(attributes.indent)
  switch (kindOf(attributes)) {
    case 'code': {
      const language = attributes['code-block']
      if (typeof language === 'string') outer['data-language'] = language
      // Code reads left to right in every language. No inner element: Chromium drops what is typed into an empty one
      // beside somebody else's caret.
      return ['pre', { ...outer, dir: 'ltr', spellcheck: 'false' }, 0]
    }
    case 'task': {
      const isDone = attributes.list === 'checked'
      return ['ul', { ...outer, 'data-list': String(attributes.list) }, ['li', taskBox(isDone), ['div', 0]]]
    }
    case 'list':
      return [
        attributes.list === 'ordered' ? 'ol' : 'ul',
        { ...outer, 'data-list': String(attributes.list) },
        ['li', 0],
      ]
    case 'heading':
      return [`h${attributes.header}`, outer, 0]
    case 'quote':
      return ['blockquote', outer, ['p', 0]]
    case 'paragraph':
      return ['p', outer, 0]
  }
}

/** What one element by itself says about the block it makes. */
export function attributesOfElement(element: HTMLElement): BlockAttributes {
  const tag = element.tagName.toLowerCase()
  const direction = element.getAttribute('dir') === 'rtl' ? { direction: 'rtl' } : {}
  if (/^h[1-6]$/u.test(tag)) return blockAttributes({ ...direction, header: Number(tag.slice(1)) })
  if (tag === 'blockquote') return blockAttributes({ ...direction, blockquote: true })
  if (tag === 'pre') return blockAttributes({ 'code-block': languageOf(element) ?? true })
  if (tag === 'li') return blockAttributes({ ...direction, list: listKindOf(element) })
  return blockAttributes(direction)
}

/** Bulleted, numbered, or a task when the item starts with a check box. */
function listKindOf(item: HTMLElement): string {
  const box = item.querySelector('input[type=checkbox]')
  const isChecked = box?.hasAttribute('checked') === true || item.getAttribute('aria-checked') === 'true'
  if (box?.closest('li') === item || item.hasAttribute('aria-checked')) return isChecked ? 'checked' : 'unchecked'
  return item.parentElement?.tagName.toLowerCase() === 'ol' ? 'ordered' : 'bullet'
}

function languageOf(pre: HTMLElement): string | null {
  const named = pre.getAttribute('data-language')
  if (named !== null) return named
  const classes = `${pre.className} ${pre.querySelector('code')?.className ?? ''}`
  return /(?:^|\s)lang(?:uage)?-(\S+)/u.exec(classes)?.[1] ?? null
}

function taskBox(isDone: boolean): DOMOutputSpec {
  // Not a tab stop: Tab leaves the editor. The keyboard's way is the task shortcut.
  const box: Record<string, string> = { type: 'checkbox', class: TASK_BOX_CLASS, tabindex: '-1', 'aria-label': 'Done' }
  if (isDone) box['checked'] = ''
  return ['span', { contenteditable: 'false' }, ['input', box]]
}
