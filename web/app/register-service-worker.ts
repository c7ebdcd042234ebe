/** Lets the pages open without a network, where the browser can. */

/** Registers the worker once the page has loaded, so that it never competes with the first document. */
export function registerServiceWorker(): void {
  if (!('serviceWorker' in navigator)) return
  window.addEventListener('load', () => {
    navigator.serviceWorker.register('/service-worker.js').catch(() => {
      // Private windows and insecure origins refuse: the page works all the same, only not without a network.
    })
  })
}
