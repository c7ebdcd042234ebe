/** What browsers are told they may do with our answers. */
import type { MiddlewareHandler } from 'hono'
import { secureHeaders } from 'hono/secure-headers'

/** Nothing is loaded from, or sent, elsewhere but images; what is loaded is ours. */
const PAGE_POLICY = {
  defaultSrc: ["'none'"],
  scriptSrc: ["'self'"],
  styleSrc: ["'self'"],
  fontSrc: ["'self'"],
  imgSrc: ["'self'", 'https:', 'data:'],
  connectSrc: ["'self'"],
  workerSrc: ["'self'"],
  manifestSrc: ["'self'"],
  baseUri: ["'none'"],
  formAction: ["'none'"],
}

/** What no page of ours asks for. */
const NO_DEVICES = { camera: [], geolocation: [], microphone: [], payment: [], usb: [] }

/** For pages. `frames` are the origins of pages that may show them in a frame; none: nobody may. */
export function pageHeaders(frames: readonly string[]): MiddlewareHandler {
  const mayBeFramed = frames.length > 0
  return secureHeaders({
    contentSecurityPolicy: { ...PAGE_POLICY, frameAncestors: mayBeFramed ? [...frames] : ["'none'"] },
    permissionsPolicy: NO_DEVICES,
    referrerPolicy: 'no-referrer',
    // This older header knows no lists; where it is sent, browsers that know the policy ignore it.
    xFrameOptions: mayBeFramed ? false : 'DENY',
    // Browsers upgrade ws:// and http:// on localhost only where this header told them to; TLS is the proxy's matter.
    strictTransportSecurity: false,
  })
}

/** For answers that are no pages: shown as one they can do nothing, and they are for whoever asked, this once. */
export function apiHeaders(): readonly MiddlewareHandler[] {
  const headers = secureHeaders({
    contentSecurityPolicy: { defaultSrc: ["'none'"], frameAncestors: ["'none'"], sandbox: [] },
    referrerPolicy: 'no-referrer',
    xFrameOptions: 'DENY',
    strictTransportSecurity: false,
    // Which origins may read them is CORS' matter.
    crossOriginResourcePolicy: false,
  })
  return [headers, notKept]
}

const notKept: MiddlewareHandler = async (context, next) => {
  await next()
  context.header('cache-control', 'no-store')
}
