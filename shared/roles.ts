/** What people may be in a document, and what each of them may do there. */

/** From the least to the most. Each may do what those before it may. */
export const ROLES = ['viewer', 'commenter', 'editor', 'owner'] as const

export type Role = (typeof ROLES)[number]

/**
 * `read`: the document, its history and who is there, and being seen. `comment`: change its comments and nothing else.
 * `write`: change anything, restore included. `share`: say who else may do what.
 */
export type Action = 'read' | 'comment' | 'write' | 'share'

const LEAST_ROLE: Readonly<Record<Action, Role>> = {
  read: 'viewer',
  comment: 'commenter',
  write: 'editor',
  share: 'owner',
}

/** The one place that says what a role may do. */
export function can(role: Role, action: Action): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(LEAST_ROLE[action])
}

/** Whether `value` is the name of a role. */
export function isRole(value: unknown): value is Role {
  return ROLES.some((role) => role === value)
}
