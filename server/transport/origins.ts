/** Which pages may talk to this server. Browsers send an origin; other clients do not and are not held up. */

export interface OriginOptions {
  /** The server is reachable on loopback only. */
  readonly isLoopback: boolean
  /** Origins that are allowed besides; `*` allows all. */
  readonly origins: readonly string[]
}

/**
 * Whether a page of `origin` may connect to the server that it addressed as `host`. Pages served from this machine
 * and the configured ones always may; the server's own pages may when they were reached by a name it can trust.
 */
export function originCheck(options: OriginOptions): (origin: string | undefined, host: string | undefined) => boolean {
  const allowed = new Set(options.origins)
  const allowedHosts = new Set(options.origins.map(hostOf))
  const trustsHost = (host: string): boolean => {
    // A page elsewhere can point its own name at 127.0.0.1, and its plain requests to its own name carry no origin;
    // on loopback only the machine's own names, and those of a proxy in front, are trusted.
    return !options.isLoopback || isLoopbackName(withoutPort(host)) || allowedHosts.has(host)
  }
  return (origin, host) => {
    if (allowed.has('*')) return true
    if (host !== undefined && !trustsHost(host)) return false
    if (origin === undefined || allowed.has(origin)) return true
    return isLoopbackName(hostnameOf(origin)) || (!options.isLoopback && host !== undefined && hostOf(origin) === host)
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

/** The name in a `Host` header; asked for every request, so it is not parsed as a URL. */
function withoutPort(host: string): string {
  return host.replace(/:\d*$/, '').toLowerCase()
}

/** Empty when `url` is none. */
function hostnameOf(url: string): string {
  return URL.canParse(url) ? new URL(url).hostname : ''
}

/** With its port; empty when `url` is none. */
function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : ''
}
