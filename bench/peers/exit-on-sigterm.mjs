/** Preloaded into servers that have no way to stop, so that Node writes the profile when they are ended. */
process.on('SIGTERM', () => process.exit(0))
