/**
 * Opens the pages without a network: the shell of `/` and `/edit/…` is kept at installation, one cache for each build.
 *
 * Documents are none of its business: their copies are the client's, and `/api` and `/ws` never come through here.
 */
declare const self: ServiceWorkerGlobalScope

/** Put in place of this name by the build: the hash of a build, and the files its pages need. */
declare const WEFT_SHELL: { readonly version: string; readonly files: readonly string[] }

const CACHE_PREFIX = 'weft-shell-'
const CACHE = CACHE_PREFIX + WEFT_SHELL.version

/** Any document's page is the same file; this name is asked for when the shell is stored. */
const EDIT_PAGE = '/edit/shell'
const LIST_PAGE = '/'

/** A server that has not answered a navigation by then is treated as gone; the page itself goes on trying. */
const NAVIGATION_TIMEOUT_MS = 2_500

self.addEventListener('install', (event) => {
  event.waitUntil(keepShell())
})

self.addEventListener('activate', (event) => {
  event.waitUntil(dropOldShells())
})

self.addEventListener('fetch', (event) => {
  const { request } = event
  const url = new URL(request.url)
  if (request.method !== 'GET' || url.origin !== self.location.origin) return
  if (request.mode === 'navigate') {
    const shell = shellOf(url.pathname)
    if (shell !== null) event.respondWith(navigate(request, shell))
  } else if (url.pathname.startsWith('/assets/') || WEFT_SHELL.files.includes(url.pathname)) {
    event.respondWith(fromCacheFirst(request))
  }
})

async function keepShell(): Promise<void> {
  const cache = await caches.open(CACHE)
  // Past the HTTP cache: a page kept from the build before would name files that this build does not have.
  await cache.addAll([LIST_PAGE, EDIT_PAGE, ...WEFT_SHELL.files].map((path) => new Request(path, { cache: 'reload' })))
  await self.skipWaiting()
}

async function dropOldShells(): Promise<void> {
  const names = await caches.keys()
  const old = names.filter((name) => name.startsWith(CACHE_PREFIX) && name !== CACHE)
  await Promise.all(old.map((name) => caches.delete(name)))
  await self.clients.claim()
}

/** Which kept page stands for a path; null for paths that are not ours to answer. */
function shellOf(path: string): string | null {
  if (path === LIST_PAGE) return LIST_PAGE
  return path.startsWith('/edit/') ? EDIT_PAGE : null
}

/** The server's page while it answers, the kept one when it does not. */
async function navigate(request: Request, shell: string): Promise<Response> {
  const kept = await caches.match(shell, { cacheName: CACHE })
  if (kept === undefined) return fetch(request)
  try {
    const answer = await fetch(request, { signal: AbortSignal.timeout(NAVIGATION_TIMEOUT_MS) })
    return answer.status >= 500 ? kept : answer
  } catch {
    // No network, no server, or too slow: exactly what the kept page is for.
    return kept
  }
}

/** Names of assets hold a hash of their content, so a kept one is never stale. */
async function fromCacheFirst(request: Request): Promise<Response> {
  const kept = await caches.match(request, { cacheName: CACHE })
  if (kept !== undefined) return kept
  const answer = await fetch(request)
  if (answer.ok) {
    const cache = await caches.open(CACHE)
    await cache.put(request, answer.clone())
  }
  return answer
}
