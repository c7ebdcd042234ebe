/** Names that no document may have, odd ones that it may, pages that have no business here, and paths that lead out. */

export const OUR_ORIGIN = 'https://app.example'

/** Origins a browser would send for other pages than those of `OUR_ORIGIN` and of this machine. */
export const FOREIGN_ORIGINS = [
  'https://evil.example',
  'null',
  'https://app.example.evil.example',
  'https://evil.example#https://app.example',
  'http://app.example',
  'https://app.example:8443',
  'http://127.0.0.1.evil.example',
  'http://localhost.evil.example',
  'http://evillocalhost',
  'http://[::2]',
  'file://',
  'chrome-extension://abcdefghijklmnop',
]

/** Names that a page could give our address. */
export const FOREIGN_HOSTS = ['evil.example', '127.0.0.1.evil.example', 'localhost.evil.example:80']

/** As they stand in an address. */
export const IMPOSSIBLE_NAMES = [
  '%20%20',
  'a%00b',
  'a%0d%0ab',
  'a%1bb',
  'a%7fb',
  '%ff%fe',
  '%c0%af',
  '%ed%a0%80',
  '%E0%A4%A',
  'n'.repeat(513),
  '%F0%9F%98%80'.repeat(129),
]

/** Odd, and names like any other. */
export const ODD_NAMES = [
  '../../../../etc/passwd',
  'plan/../plan',
  '..%2fplan',
  '__proto__',
  'constructor',
  "x'; DROP TABLE documents; --",
  '<img src=x onerror=alert(1)>',
  '$(reboot)',
  '\u202enalp',
]

/** Where a server that serves files could be led out of its folder. */
export const PATHS_OUT = [
  '/../../../../etc/passwd',
  '/assets/../../../package.json',
  '/assets/..%2f..%2f..%2fpackage.json',
  '/assets/%2e%2e/%2e%2e/package.json',
  '/assets/..%5c..%5cpackage.json',
  '//etc/passwd',
  '/server.json',
  '/data/weft.db',
]
