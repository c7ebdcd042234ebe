/**
 * The stored format: which roots a document has and what stands in them.
 *
 * A document's text is one `Y.Text`. Every block ends in "\n", and that "\n" carries the block's attributes under
 * their Quill Delta names; a line break inside a block is U+2028. Three rules complete the picture:
 *
 * - The last "\n" may be missing. A body that does not end in "\n" reads as though it did, and the block so ended is a
 *   plain paragraph. An empty body therefore reads as one empty paragraph although nothing is stored, so that opening
 *   a document writes nothing and two people who open a new one do not both leave a paragraph in it.
 * - Who writes the first text of an empty body writes its "\n" with it: two people who start a document at the same
 *   moment end up with two paragraphs, not with one that mixes them. Elsewhere a missing last "\n" is written only when
 *   it has attributes to carry or when without it an empty last block would vanish.
 * - A "\n" that is last is never removed by an edit; text and attributes before it are. Removing it would leave its
 *   format markers at the end of the text, where the next text written inherits them.
 *
 * Lines of code are blocks of their own; those that follow each other are one listing, as adjacent quotes are one quote.
 * A divider is a block that holds its embed and nothing else; text that concurrent edits put beside it stays there.
 *
 * Attributes and embeds that are not listed in this folder belong to newer programs: they are not read, not changed and
 * not copied. They stay in the `Y.Text` until the text that carries them is deleted.
 */

/** Names of the root types of a document. */
export const Root = {
  /** `Y.Text`: the text. */
  body: 'body',
  /** `Y.Map`: `title` and `schema`. */
  meta: 'meta',
  /** `Y.Map`: comment threads by id. */
  comments: 'comments',
} as const

/** Keys of the `meta` root. */
export const MetaKey = { title: 'title', schema: 'schema' } as const

/** What `meta.schema` holds in a document written by this program; an absent one means 1. */
export const SCHEMA_VERSION = 1

/** Ends a block. */
export const BLOCK_END = '\n'

/** A line break inside a block: Unicode's LINE SEPARATOR. */
export const LINE_BREAK = '\u2028'
