/** Which pages may talk to this server. Browsers send an origin; other clients do not and are not held up. */

export interface OriginOptions {
  /** The server is reachable on loopback only. */
  readonly isLoopback: boolean
  readonly origins: readonly string[]
}

/**
 * Whether a page of `origin` may connect to the server that it addressed as `host`. Pages served from this machine
 * and the configured ones always may; the server's own pages may when they were reached by a name it can trust.
 */
export function originCheck(options: OriginOptions): (origin: string | undefined, host: string | undefined) => boolean {
  const allowed = new Set(options.origins)
  return (origin, host) => {
    if (origin === undefined) return true
    if (allowed.has(origin) || allowed.has('*')) return true
    const hostname = hostnameOf(origin)
    if (hostname === null) return false
    // A page elsewhere can point its own name at 127.0.0.1; on loopback only the machine's own names are trusted.
    return isLoopbackName(hostname) || (!options.isLoopback && host !== undefined && origin.endsWith(`://${host}`))
  }
}

/** Whether `name` is an address or name of the machine itself. */
export function isLoopbackName(name: string): boolean {
  return (
    name === 'localhost' ||
    name.endsWith('.localhost') ||
    name === '::1' ||
    name === '[::1]' ||
    /^127(\.\d{1,3}){3}$/.test(name)
  )
}

function hostnameOf(origin: string): string | null {
  return URL.canParse(origin) ? new URL(origin).hostname : null
}
