/** Between a document's name and the address of its page. */

const EDIT_PATH = '/edit/'

/** The same page, for frames in pages of the server's `--origins`. */
const EMBED_PATH = '/embed/'

/** The document whose page has this path: everything after `/edit/` or `/embed/`, decoded. Empty when the path names none. */
export function documentFromPath(path: string): string {
  const prefix = [EDIT_PATH, EMBED_PATH].find((candidate) => path.startsWith(candidate))
  if (prefix === undefined) return ''
  const name = path.slice(prefix.length)
  try {
    return decodeURIComponent(name)
  } catch {
    // A stray percent sign is no encoding: somebody typed the name as it is.
    return name
  }
}

/** The path of a document's page. Slashes stay readable where browsers leave the rest of the path alone. */
export function pathOfDocument(document: string): string {
  const parts = document.split('/')
  // Browsers resolve dots between slashes, even percent-encoded ones, and would arrive at another document.
  const isSafe = !parts.some((part) => part === '.' || part === '..')
  return EDIT_PATH + (isSafe ? parts.map(encodeURIComponent).join('/') : encodeURIComponent(document))
}
