/** A Weft that lets nobody in without a token, and clients that each bring one of a user of their own. */
import { randomBytes } from 'node:crypto'
import { mintToken } from '../../server/auth/mint.ts'
import type { Target } from './targets.ts'

/** More than any scenario connects, so that no two clients of a run are the same user, and no token is known already. */
const TOKENS = 4_096
/** Longer than any run: what a token's end costs is not measured. */
const MINUTES = 24 * 60
const NAMES = { jwtIssuer: 'bench', jwtAudience: 'weft' }

/** `target` with a secret made for this run. All tokens are made before this resolves: none is paid for under the clock. */
export async function withAuth(target: Target): Promise<Target> {
  const jwtSecret = randomBytes(32).toString('hex')
  const options = { ...NAMES, jwtSecret, jwtAlgorithms: '' }
  const access = { name: '', role: 'editor', document: '', isPrefix: true, minutes: MINUTES } as const
  const tokens: string[] = []
  for (let at = 0; at < TOKENS; at++) tokens.push(await mintToken({ ...access, user: `user-${at}` }, options))
  let connections = 0
  return {
    ...target,
    title: `${target.title} with auth`,
    protocol: {
      ...target.protocol,
      // As stock y-websocket clients send it.
      path: (document) => `${target.protocol.path(document)}?token=${tokens[connections++ % TOKENS]}`,
    },
    command(start) {
      const { args, env } = target.command(start)
      const { jwtIssuer, jwtAudience } = NAMES
      return {
        args: [...args, '--jwt-issuer', jwtIssuer, '--jwt-audience', jwtAudience],
        env: { ...env, WEFT_JWT_SECRET: jwtSecret },
      }
    },
  }
}
