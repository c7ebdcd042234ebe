/** A cable between a client and a server, that lasts for a test. */
import { onTestFinished } from 'vitest'
import { Cable } from '../../trust/cable.ts'

/** Leads to the server at `url` until the test ends. */
export async function layCable(url: string): Promise<Cable> {
  const cable = await Cable.lay(url)
  onTestFinished(() => cable.close())
  return cable
}
