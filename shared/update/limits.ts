/** Limits on what an update may say. They hold for every client, so they are no options. */

/**
 * Highest clock. At a thousand edits a second it takes 35 years; beyond 2^53 a state vector overflows and every
 * client throws for ever.
 */
export const MAX_CLOCK = 2 ** 40

/** Bytes of UTF-8 in the name of a root type, map key, format or element: a name, not a place for content. */
export const MAX_NAME_BYTES = 256
