/**
 * The token of a share link, on its way from the address bar to the requests it opens.
 *
 * It comes in the fragment, which browsers send to nobody, and is taken out of the address at once, so that it is not in
 * the history, a bookmark or a screenshot. Reloading must not lock anybody out, so this tab's session storage has it
 * until the tab is closed; a device that is shared forgets it with the window.
 */
import { LINK_FRAGMENT } from '../../shared/link-token.ts'

const KEY_PREFIX = 'weft-link '

/** What is needed of `sessionStorage`; null stands for a browser that forbids it. */
export type TokenStorage = Pick<Storage, 'getItem' | 'setItem'> | null

/** The token in the fragment of a page's URL, of a share link or made by an embedder; null where there is none. */
export function tokenInFragment(fragment: string): string | null {
  const given = new URLSearchParams(fragment.replace(/^#/, ''))
  return given.get(LINK_FRAGMENT) || given.get('token') || null
}

/** Keeps the token that opens `document` for this tab, as far as the browser lets us. */
export function keepToken(storage: TokenStorage, document: string, token: string): void {
  try {
    storage?.setItem(KEY_PREFIX + document, token)
  } catch {
    // A full or forbidden storage costs a reload the link; the open page goes on.
  }
}

/** The token kept for `document` in this tab. */
export function keptToken(storage: TokenStorage, document: string): string | null {
  return storage?.getItem(KEY_PREFIX + document) ?? null
}

/** `sessionStorage`, or null where the browser forbids even looking at it. */
export function tabStorage(): Storage | null {
  try {
    return globalThis.sessionStorage
  } catch {
    // Reading the property throws where storage is blocked for the site.
    return null
  }
}
