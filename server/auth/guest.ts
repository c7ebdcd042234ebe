/** How somebody is shown whom nobody vouches for: by the name they gave, and as a guest. */
import { colorOf } from '../../shared/colors.ts'
import type { ShownUser } from '../ports/authorizer.ts'

const MAX_NAME_CHARACTERS = 64

/** The person with the id `user` who says that they are called `name`. */
export function guest(user: string, name: string): ShownUser {
  // Control characters, and those that turn the direction of what follows, are not for names.
  const plain = name.replaceAll(/[\p{Cc}\p{Cf}]/gu, '').trim()
  const short = plain.slice(0, MAX_NAME_CHARACTERS).toWellFormed()
  return { id: user, name: short === '' ? 'Guest' : `${short} (guest)`, color: colorOf(user) }
}
