/**
 * Entry of a thread that has the C library return what was freed to the machine, and ends: with 1 where the library is another one
 * or the optional package that calls it is not installed.
 */
try {
  const { default: koffi } = await import('koffi')
  koffi.load(null).func('int malloc_trim(size_t pad)')(0)
} catch {
  process.exit(1)
}
