/** Branded identifiers and the only functions that make them from outside input. */
import { utf8ByteLength } from 'lib0/string'
import { SyncError } from './errors.ts'

/** The name a document is stored and addressed by. Made only by `parseDocumentId`. */
export type DocumentId = string & { readonly __brand: 'DocumentId' }

/** Store-assigned number of an update in its document: 1 is the first, gap-free; 0 means "before anything". */
export type Seq = number & { readonly __brand: 'Seq' }

/** Bytes of UTF-8; long enough for a path-like name, short enough for an index key. */
const MAX_DOCUMENT_ID_BYTES = 512

// U+0000–U+001F and U+007F: they vanish in logs and terminals; NUL is Hocuspocus' session separator.
// oxlint-disable-next-line no-control-regex -- matching control characters is the point
const CONTROL_CHARACTERS = /[\u0000-\u001f\u007f]/

/**
 * `input` as a document id: 1–512 bytes of well-formed Unicode without control characters, not blank.
 * Slashes and any other character are allowed; the name is a key, never a path.
 * Throws `invalid-document-id`.
 */
export function parseDocumentId(input: string): DocumentId {
  const shown = JSON.stringify(input.slice(0, 60))
  if (input.trim() === '') throw new SyncError('invalid-document-id', 'The document name is blank; give it a name.')
  if (!input.isWellFormed()) {
    throw new SyncError('invalid-document-id', `Document name ${shown} holds half a surrogate pair.`)
  }
  if (CONTROL_CHARACTERS.test(input)) {
    throw new SyncError('invalid-document-id', `Document name ${shown} holds a control character; remove it.`)
  }
  // A UTF-16 unit is at most three bytes of UTF-8, so short names need no encoding to be measured.
  if (input.length * 3 > MAX_DOCUMENT_ID_BYTES && utf8ByteLength(input) > MAX_DOCUMENT_ID_BYTES) {
    throw new SyncError(
      'invalid-document-id',
      `Document name ${shown}… is over ${MAX_DOCUMENT_ID_BYTES} bytes of UTF-8.`,
    )
  }
  return input as DocumentId
}

/** `value` as a seq. Throws `invalid-moment` when it is not a whole number of at least 0. */
export function parseSeq(value: number): Seq {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new SyncError('invalid-moment', `${value} is no seq; a seq is a whole number, 0 or more.`)
  }
  return value as Seq
}
