/** What people may do in a document, from least to most; each role may do what those before it may. */

/** Roles in rising order. */
export const ROLES = ['viewer', 'commenter', 'editor', 'owner'] as const

export type Role = (typeof ROLES)[number]
