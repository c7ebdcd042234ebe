/**
 * The browser that the end-to-end tests drive.
 */
import { installDebianPackages, isExecutable, SetupError } from './setup.mjs'

/** Where Debian's package puts it. */
const DEBIAN_PATH = '/usr/bin/chromium'

/** Liberation has the widths of Arial, Times and Courier; a bare system has no font and draws no text at all. */
const PACKAGES = ['chromium', 'fonts-liberation']

/** The path of a Chromium: the one in CHROMIUM_PATH, or Debian's, installed when it is missing. */
export function ensureChromium() {
  const chosen = process.env.CHROMIUM_PATH
  if (chosen !== undefined && chosen !== '') {
    if (!isExecutable(chosen)) throw new SetupError(`CHROMIUM_PATH is ${chosen}, which cannot be run.`)
    return chosen
  }
  if (!isExecutable(DEBIAN_PATH)) installDebianPackages(PACKAGES, 'the browser for the end-to-end tests')
  return DEBIAN_PATH
}
