/** Roles, expiry and embedding in words. Pure. */
import type { ShareLink } from '../../shared/rest.ts'
import type { Role } from '../../shared/roles.ts'

/** What somebody with a role may do, to follow their name. */
export const ROLE_WORDS: Readonly<Record<Role, string>> = {
  viewer: 'Can view',
  commenter: 'Can comment',
  editor: 'Can edit',
  owner: 'Owner',
}

/** Roles that a link made here can give. Commenters have nothing to comment with on these pages. */
export const SHARED_ROLES: readonly Role[] = ['viewer', 'editor', 'owner']

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** How long a link may be made to last; null is for ever. */
export const LIFETIMES: readonly { readonly words: string; readonly ms: number | null }[] = [
  { words: 'No expiry', ms: null },
  { words: '1 hour', ms: HOUR_MS },
  { words: '1 day', ms: DAY_MS },
  { words: '7 days', ms: 7 * DAY_MS },
  { words: '30 days', ms: 30 * DAY_MS },
]

/** Whether a link still lets somebody in. */
export function isExpired({ expiresAtMs }: Pick<ShareLink, 'expiresAtMs'>, nowMs: number): boolean {
  return expiresAtMs !== null && expiresAtMs <= nowMs
}

/** “No expiry”, “Until 29 Nov”, “Until 10:42” where that is within a day, “Ran out 21 Nov”. */
export function describeExpiry(link: Pick<ShareLink, 'expiresAtMs'>, nowMs: number, locale?: string): string {
  const { expiresAtMs } = link
  if (expiresAtMs === null) return 'No expiry'
  const isNear = Math.abs(expiresAtMs - nowMs) < DAY_MS
  const isThisYear = new Date(expiresAtMs).getFullYear() === new Date(nowMs).getFullYear()
  const day: Intl.DateTimeFormatOptions = { day: 'numeric', month: 'short', ...(isThisYear ? {} : { year: 'numeric' }) }
  const time = new Intl.DateTimeFormat(locale, isNear ? { timeStyle: 'short' } : day).format(expiresAtMs)
  return isExpired(link, nowMs) ? `Ran out ${time}` : `Until ${time}`
}

/** What somebody writes to whoever can let them in, or let them do more. */
export function askingMessage(asker: {
  readonly title: string
  readonly name: string
  readonly role: Role | null
  readonly url: string
}): string {
  const wish = asker.role === null ? 'open' : 'edit'
  const name = asker.name === '' ? '' : `\n\n${asker.name}`
  return `Hello,\n\nI would like to ${wish} “${asker.title}”. Could you send me a link that lets me?\n${asker.url}${name}`
}

/** What a page needs to show the document in an editor of its own. */
export function embedCode(server: string, document: string): string {
  return `<script type="module" src="${escape(server)}/weft-editor.js"></script>
<weft-editor document="${escape(document)}" token="…"></weft-editor>`
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;')
}
