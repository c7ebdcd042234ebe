/** Changes the module that the mutant names while Node loads it. */
import type { LoadHook } from 'node:module'
import { type Mutant, MUTANT_VARIABLE } from './mutant.ts'

const mutant = JSON.parse(process.env[MUTANT_VARIABLE] ?? 'null') as Mutant | null

export const load: LoadHook = async (url, context, nextLoad) => {
  const loaded = await nextLoad(url, context)
  if (mutant === null || !url.endsWith(mutant.module)) return loaded
  const source = Buffer.from((loaded.source ?? '') as Uint8Array).toString()
  const parts = source.split(mutant.find)
  if (parts.length !== 2) throw new Error(`${mutant.module} has ${parts.length - 1} times: ${mutant.find}`)
  return { ...loaded, source: parts.join(mutant.replace) }
}
