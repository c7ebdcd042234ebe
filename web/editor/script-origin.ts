/** The server that this script came from, which is the one it talks to unless told otherwise. */

/** Origin of the script's own URL, or of the page where the script was bundled into it. */
export function scriptOrigin(): string {
  const { origin } = new URL(import.meta.url)
  return origin.startsWith('http') ? origin : location.origin
}
