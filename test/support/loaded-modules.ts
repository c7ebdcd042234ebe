/** Which modules a server loads. */

/** Writes the address of each module that any thread of the process loads. */
const TELL_LOADED = `
  import { writeSync } from 'node:fs'
  export const load = (url, context, nextLoad) => {
    writeSync(2, url + '\\n')
    return nextLoad(url, context)
  }`

/** Environment in which a process names on its standard error every module that it loads. */
export function tellingLoaded(): Readonly<Record<string, string>> {
  const preload = `import { register } from 'node:module'; register(${JSON.stringify(inUrl(TELL_LOADED))})`
  return { NODE_OPTIONS: `--import ${inUrl(preload)}` }
}

/** A module's address that is its own source. */
export function inUrl(source: string): string {
  return `data:text/javascript,${encodeURIComponent(source)}`
}
