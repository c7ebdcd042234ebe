/**
 * Pasted HTML as blocks.
 *
 * Lists become flat items with an indent, however they are nested; what the format has no place for (tables, colours,
 * faces, sizes) becomes plain text. Works on any inert document; nothing is fetched or run.
 */
import { blockAttributes, knownEmbed, MAX_INDENT, marks, safeLink } from '../../../shared/model/attributes.ts'
import type { BlockAttributes, Marks } from '../../../shared/model/attributes.ts'
import { normalRuns } from '../../../shared/model/blocks.ts'
import type { Block, Run } from '../../../shared/model/blocks.ts'
import { LINE_BREAK } from '../../../shared/model/names.ts'
import { attributesOfElement } from './block-dom.ts'

const BLOCK_TAGS = new Set(
  'address article aside blockquote body caption center dd details dialog div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section summary table tbody td tfoot th thead tr ul'.split(
    ' ',
  ),
)
const SKIPPED_TAGS = new Set(
  'head style script noscript template title meta link input button select textarea'.split(' '),
)
const MARK_TAGS: Readonly<Record<string, Marks>> = {
  b: { bold: true },
  strong: { bold: true },
  i: { italic: true },
  em: { italic: true },
  u: { underline: true },
  ins: { underline: true },
  s: { strike: true },
  del: { strike: true },
  strike: { strike: true },
  code: { code: true },
  kbd: { code: true },
  samp: { code: true },
  tt: { code: true },
  sub: { script: 'sub' },
  sup: { script: 'super' },
}

/** Holds what was in `style`. */
const STYLE_ATTRIBUTE = 'data-weft-style'

/**
 * `html` with its style attributes under another name. A page whose policy forbids inline styles would drop them, and
 * complain about each, even in a document that is never shown.
 */
export function withoutStyles(html: string): string {
  return html.replaceAll(/(<[a-z][^<>]*?\s)style(?=\s*=)/giu, `$1${STYLE_ATTRIBUTE}`)
}

/** The blocks that `root`'s content makes; none when it holds nothing. `keepsSpaces` is for HTML of our own making. */
export function blocksOfHtml(root: Node, keepsSpaces: boolean): readonly Block[] {
  const reader = new HtmlReader(keepsSpaces)
  reader.read(root, {}, {})
  return reader.finish()
}

class HtmlReader {
  readonly #blocks: Block[] = []
  readonly #keepsSpaces: boolean
  #runs: Run[] = []
  /** The attributes of the block being read; null between blocks. */
  #open: BlockAttributes | null = null

  constructor(keepsSpaces: boolean) {
    this.#keepsSpaces = keepsSpaces
  }

  read(parent: Node, own: Marks, context: BlockAttributes): void {
    for (const child of parent.childNodes) {
      if (child.nodeType === 3) this.#text(child.nodeValue ?? '', own, context)
      else if (child.nodeType === 1) this.#element(child as HTMLElement, own, context)
    }
  }

  finish(): readonly Block[] {
    this.#close()
    return this.#blocks
  }

  #element(element: HTMLElement, own: Marks, context: BlockAttributes): void {
    const tag = element.tagName.toLowerCase()
    if (SKIPPED_TAGS.has(tag)) return
    if (tag === 'br') return this.#break(element, own, context)
    if (tag === 'hr' || element.getAttribute('role') === 'separator') return this.#divider()
    if (tag === 'img') return this.#image(element, own, context)
    if (tag === 'pre') return this.#code(element)
    if (tag === 'td' || tag === 'th') return this.#cell(element, own, context)
    if (!BLOCK_TAGS.has(tag)) return this.read(element, withMarks(own, element), context)
    // A block around blocks, like an item around its paragraph, is only that paragraph.
    if (this.#runs.length === 0) this.#open = null
    this.#close()
    const inner = contextOf(element, tag, context)
    // An empty paragraph, heading or item is meant; another empty element is not.
    if (tag === 'li' || tag === 'p' || /^h\d$/u.test(tag)) this.#open = inner
    this.read(element, withMarks(own, element), inner)
    this.#close()
  }

  #text(text: string, own: Marks, context: BlockAttributes): void {
    const clean = this.#keepsSpaces ? text.replaceAll(/[\t\r\n]+/gu, ' ') : text.replaceAll(/[\t\r\n ]+/gu, ' ')
    const isBetweenBlocks =
      this.#runs.length === 0 && clean.trim() === '' && !(this.#keepsSpaces && this.#open !== null)
    if (isBetweenBlocks) return
    const startsLine = !this.#keepsSpaces && endsInBlank(this.#runs.at(-1))
    this.#add({ insert: startsLine ? clean.trimStart() : clean, marks: own }, context)
  }

  #break(element: HTMLElement, own: Marks, context: BlockAttributes): void {
    // A <br> between blocks is a blank line; the last one in a block only holds the line open.
    if (this.#open === null && this.#runs.length === 0) {
      if (element.className.includes('Apple-interchange-newline')) return
      this.#open = context
      return this.#close()
    }
    this.#add({ insert: LINE_BREAK, marks: own }, context)
  }

  #divider(): void {
    this.#close()
    this.#blocks.push({ attributes: {}, content: [{ insert: { divider: true }, marks: {} }] })
  }

  #image(element: HTMLElement, own: Marks, context: BlockAttributes): void {
    const known = knownEmbed({ image: element.getAttribute('src') ?? '' })
    if (known !== null) this.#add({ insert: known, marks: own }, context)
  }

  #code(element: HTMLElement): void {
    this.#close()
    const attributes = attributesOfElement(element)
    const text = preText(element)
    // Others end a listing with a line break; ours holds a last line that is empty.
    for (const line of (this.#keepsSpaces ? text : text.replace(/\n$/u, '')).split('\n')) {
      this.#blocks.push({ attributes, content: normalRuns([{ insert: line, marks: {} }]) })
    }
  }

  /** A row of a table is one line, its cells parted by tabs. */
  #cell(element: HTMLElement, own: Marks, context: BlockAttributes): void {
    const text = (element.textContent ?? '').replaceAll(/\s+/gu, ' ').trim()
    if (this.#runs.length > 0) this.#add({ insert: '\t', marks: own }, context)
    this.#add({ insert: text, marks: own }, context)
  }

  #add(run: Run, context: BlockAttributes): void {
    if (run.insert === '') return
    this.#open ??= context
    this.#runs.push(run)
  }

  #close(): void {
    if (this.#open === null) return
    const content = this.#keepsSpaces ? this.#runs : trimmed(this.#runs)
    this.#blocks.push({ attributes: this.#open, content: normalRuns(content) })
    this.#runs = []
    this.#open = null
  }
}

/** What blocks inside `element` are, unless they say otherwise. */
function contextOf(element: HTMLElement, tag: string, context: BlockAttributes): BlockAttributes {
  if (tag === 'ul' || tag === 'ol') return context
  const { list: _list, indent: _indent, header: _header, ...inherited } = context
  if (tag === 'li')
    return blockAttributes({ ...inherited, ...attributesOfElement(element), indent: listDepth(element) })
  // A paragraph in a list item is the item's text.
  if (tag === 'p' || tag === 'div') {
    const align = blockAttributes({ align: styleOf(element)('text-align') })
    const indent = blockAttributes({ indent: Number(element.getAttribute('data-indent')) })
    return { ...context, ...align, ...indent, ...attributesOfElement(element) }
  }
  return { ...inherited, ...attributesOfElement(element) }
}

/** How many lists are around the item's own one; our own items carry their indent. */
function listDepth(item: HTMLElement): number {
  const own = Number(item.closest('[data-indent]')?.getAttribute('data-indent') ?? 0)
  let depth = -1
  for (let parent = item.parentElement; parent !== null; parent = parent.parentElement) {
    if (/^[uo]l$/iu.test(parent.tagName)) depth += 1
  }
  return Math.min(MAX_INDENT, Math.max(own, depth))
}

function withMarks(own: Marks, element: HTMLElement): Marks {
  const tag = element.tagName.toLowerCase()
  const link = tag === 'a' ? safeLink(element.getAttribute('href')) : null
  const added: Record<string, unknown> = { ...own, ...MARK_TAGS[tag], ...(link === null ? {} : { link }) }
  const style = styleOf(element)
  const weight = style('font-weight')
  const lines = `${style('text-decoration')} ${style('text-decoration-line')}`
  if (/^(?:bold(?:er)?|[6-9]00)$/u.test(weight)) added['bold'] = true
  // Google Docs wraps everything in <b style="font-weight: normal">.
  if (/^(?:normal|[1-5]00)$/u.test(weight)) delete added['bold']
  if (style('font-style') === 'italic') added['italic'] = true
  if (style('font-style') === 'normal') delete added['italic']
  if (lines.includes('underline') && link === null) added['underline'] = true
  if (lines.includes('line-through')) added['strike'] = true
  if (/^(?:sub|super)$/u.test(style('vertical-align'))) added['script'] = style('vertical-align')
  return marks(added)
}

/** Looks up the style an element had; see `withoutStyles`. */
function styleOf(element: HTMLElement): (property: string) => string {
  const declarations = (element.getAttribute(STYLE_ATTRIBUTE) ?? '').toLowerCase().split(';')
  const values = new Map(declarations.map((each) => each.split(':', 2).map((part) => part.trim()) as [string, string]))
  return (property) => values.get(property) ?? ''
}

function preText(element: Node): string {
  let text = ''
  for (const child of element.childNodes) {
    if (child.nodeType === 3) text += (child.nodeValue ?? '').replaceAll(/\r\n?/gu, '\n')
    else text += child.nodeName.toLowerCase() === 'br' ? '\n' : preText(child)
  }
  return text
}

/** Whether a blank after `run` would not be seen. */
function endsInBlank(run: Run | undefined): boolean {
  return run === undefined || (typeof run.insert === 'string' && /[ \u2028]$/u.test(run.insert))
}

/** Without blanks, and the line break that holds the last line open, at the end. */
function trimmed(runs: readonly Run[]): readonly Run[] {
  const last = runs.at(-1)
  if (last === undefined || typeof last.insert !== 'string') return runs
  const text = last.insert.replace(/[ \u2028]+$/u, '')
  const rest = runs.slice(0, -1)
  return text === '' ? trimmed(rest) : [...rest, { ...last, insert: text }]
}
