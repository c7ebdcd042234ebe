/**
 * The token of a share link: `wl_`, the link's id, its secret. One word without dots, so that it is never taken for a JWT, and
 * easy for scanners to find where it should not be.
 */

/** Characters of base64url: 72 bits name the link, 256 are its secret. */
const ID_CHARACTERS = 12
const SECRET_CHARACTERS = 43

const FORM = new RegExp(`^wl_([\\w-]{${ID_CHARACTERS}})([\\w-]{${SECRET_CHARACTERS}})$`)

export interface LinkToken {
  readonly id: string
  readonly secret: string
}

/** The parts of a link's token; null when `token` is of another kind. */
export function parseLinkToken(token: string): LinkToken | null {
  const [, id, secret] = FORM.exec(token) ?? []
  return id === undefined || secret === undefined ? null : { id, secret }
}

export function writeLinkToken({ id, secret }: LinkToken): string {
  return `wl_${id}${secret}`
}

/** The name in a page's fragment that its token follows: `#link=wl_…`. */
export const LINK_FRAGMENT = 'link'
