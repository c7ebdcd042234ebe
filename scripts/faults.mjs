/**
 * libfiu, by which the scorecard makes system calls fail.
 */
import { hasCommand, installDebianPackages, say, SetupError } from './setup.mjs'

/** Installs it when it is missing. Where that is not possible the row that needs it is not run, and says so. */
export function ensureFaultInjection() {
  if (hasCommand('fiu-run')) return
  try {
    installDebianPackages(['fiu-utils'], 'libfiu, for disks that fail')
  } catch (error) {
    if (!(error instanceof SetupError)) throw error
    say(`going on without libfiu: ${error.message}`)
  }
}
