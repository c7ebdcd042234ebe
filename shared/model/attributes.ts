/**
 * Block attributes, marks and embeds: their names, their legal values, and what is dropped when read or written.
 *
 * Everything read from a document is foreign input. A value that is not legal here counts as absent.
 */

/** How a block ends: what kind of block it is. No attribute at all is a paragraph. */
export interface BlockAttributes {
  readonly header?: HeadingLevel
  readonly list?: ListKind
  /** 1–8; absent is no indent. */
  readonly indent?: number
  readonly blockquote?: true
  /** The language, or true where it has none. Adjacent blocks of code are the lines of one listing. */
  readonly 'code-block'?: string | true
  readonly align?: 'center' | 'right' | 'justify'
  readonly direction?: 'rtl'
}

export type HeadingLevel = 1 | 2 | 3 | 4 | 5 | 6
export type ListKind = 'bullet' | 'ordered' | 'checked' | 'unchecked'

/** Formats of text. */
export interface Marks {
  readonly bold?: true
  readonly italic?: true
  readonly underline?: true
  readonly strike?: true
  readonly code?: true
  /** An http, https or mailto address. */
  readonly link?: string
  /** A CSS colour. */
  readonly color?: string
  readonly background?: string
  readonly script?: 'sub' | 'super'
}

/** An object in the text, one position wide. Its only key is its kind. */
export type Embed = Readonly<Record<string, unknown>>

/** An embed in a form that can be trusted; null when it is of no known kind. */
export type KnownEmbed =
  | { readonly image: string }
  | { readonly mention: { readonly id: string; readonly name: string } }
  | { readonly divider: true }
  | { readonly table: string }

export type BlockAttributeName = keyof BlockAttributes
export type MarkName = keyof Marks

/** The deepest indent that is kept. */
export const MAX_INDENT = 8

const SAFE_LINK = /^(?:https?:\/\/|mailto:)[^\s\p{Cc}]+$/iu
const SAFE_IMAGE = /^(?:https?:\/\/|\/|data:image\/(?:png|jpeg|gif|webp);base64,)[^\s\p{Cc}]*$/iu
const SAFE_COLOR = /^(?:#[\da-f]{3,8}|[a-z]{3,24}|(?:rgb|hsl)a?\([\d\s.,%/]{1,60}\))$/iu
const LANGUAGE = /^[\w+#.-]{1,40}$/u

type Check<Value> = (value: unknown) => Value | undefined

function oneOf<const Value>(...values: readonly Value[]): Check<Value> {
  return (value) => values.find((candidate) => candidate === value)
}

function matching(pattern: RegExp): Check<string> {
  return (value) => (typeof value === 'string' && pattern.test(value) ? value : undefined)
}

const flag = oneOf(true)
const language = matching(LANGUAGE)

const BLOCK_CHECKS: { readonly [Name in BlockAttributeName]-?: Check<NonNullable<BlockAttributes[Name]>> } = {
  header: oneOf(1, 2, 3, 4, 5, 6),
  list: oneOf('bullet', 'ordered', 'checked', 'unchecked'),
  indent: (value) =>
    typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= MAX_INDENT ? value : undefined,
  blockquote: flag,
  'code-block': (value) => flag(value) ?? language(value),
  align: oneOf('center', 'right', 'justify'),
  direction: oneOf('rtl'),
}

const MARK_CHECKS: { readonly [Name in MarkName]-?: Check<NonNullable<Marks[Name]>> } = {
  bold: flag,
  italic: flag,
  underline: flag,
  strike: flag,
  code: flag,
  link: matching(SAFE_LINK),
  color: matching(SAFE_COLOR),
  background: matching(SAFE_COLOR),
  script: oneOf('sub', 'super'),
}

/** Every block attribute, in the order attributes are written. */
export const BLOCK_ATTRIBUTE_NAMES = Object.keys(BLOCK_CHECKS) as readonly BlockAttributeName[]

/** Every mark, outermost first. */
export const MARK_NAMES = Object.keys(MARK_CHECKS) as readonly MarkName[]

/** The legal block attributes among `values`. */
export function blockAttributes(values: Readonly<Record<string, unknown>> | undefined): BlockAttributes {
  return legal(values, BLOCK_CHECKS)
}

/** The legal marks among `values`. */
export function marks(values: Readonly<Record<string, unknown>> | undefined): Marks {
  return legal(values, MARK_CHECKS)
}

/** `value` when it is an address a link may have, else null. */
export function safeLink(value: unknown): string | null {
  return MARK_CHECKS.link(value) ?? null
}

/** `value` when it is a CSS colour that can do nothing but colour, else null. */
export function safeColor(value: unknown): string | null {
  return MARK_CHECKS.color(value) ?? null
}

/** `embed` when it is of a kind this program knows and its value is legal; null is shown as a placeholder. */
export function knownEmbed(embed: Embed): KnownEmbed | null {
  const [kind, ...others] = Object.keys(embed)
  if (kind === undefined || others.length > 0) return null
  const value = embed[kind]
  if (kind === 'divider' && value === true) return { divider: true }
  if (kind === 'table' && typeof value === 'string') return { table: value }
  if (kind === 'image' && typeof value === 'string' && SAFE_IMAGE.test(value)) return { image: value }
  if (kind === 'mention' && isMention(value)) return { mention: { id: value.id, name: value.name } }
  return null
}

function isMention(value: unknown): value is { readonly id: string; readonly name: string } {
  if (typeof value !== 'object' || value === null || !('id' in value) || !('name' in value)) return false
  return typeof value.id === 'string' && typeof value.name === 'string' && Object.keys(value).length === 2
}

function legal<Checks extends { readonly [name: string]: Check<unknown> }>(
  values: Readonly<Record<string, unknown>> | undefined,
  checks: Checks,
): { readonly [Name in keyof Checks]?: NonNullable<ReturnType<Checks[Name]>> } {
  const kept: Record<string, unknown> = {}
  if (values === undefined) return {}
  for (const name of Object.keys(checks)) {
    const value = checks[name]?.(values[name])
    if (value !== undefined) kept[name] = value
  }
  // The checks decide both the names and the values, so what they let through has the type they promise.
  return kept as { readonly [Name in keyof Checks]?: NonNullable<ReturnType<Checks[Name]>> }
}
